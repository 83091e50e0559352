"""Crawls portals into an archive: the catalogue's report columns, their reports and attachments."""
