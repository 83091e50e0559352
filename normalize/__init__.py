"""Archive to rows to release: what the reports say."""
