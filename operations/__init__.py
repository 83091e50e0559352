"""Runs everything unattended: one run crawls, builds and publishes, says what happened, and keeps a record of it."""
