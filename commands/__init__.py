"""The commands, one module a subject; ``gongkai.py`` puts them together."""
