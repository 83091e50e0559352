"""The spiders, few and thin."""
