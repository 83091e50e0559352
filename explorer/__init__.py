"""The explorer: a release looked at in a browser or as a page of its own; queries, views, and what shows them."""
