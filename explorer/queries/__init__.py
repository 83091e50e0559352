"""What the views ask of a release: SQL with bound values, one module a view, frames out."""
