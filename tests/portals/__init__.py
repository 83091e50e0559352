"""Fake portals on loopback: one module per family, each known quirk a switch."""
