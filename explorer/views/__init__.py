"""The views: what was asked in, blocks out; the app and the static pages show the same."""
