"""DuckDB over the files of a release, within bounds and silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

MEMORY_LIMIT = "512MB"


def connect(
    scratch: Path | None = None, database: Path | None = None, memory: str = MEMORY_LIMIT
) -> duckdb.DuckDBPyConnection:
    """A connection to a database in memory or in a file; ``scratch`` takes what does not fit in ``memory``."""
    connection = duckdb.connect(str(database or ":memory:"), config={"memory_limit": memory})
    # The bar would go to standard output, into the csv that is piped from there.
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = false")
    if scratch is not None:
        connection.execute("SET temp_directory = $scratch", {"scratch": str(scratch)})
    return connection
