"""The rows of one report to bytes and back: an Arrow batch for each table that has rows, compressed together."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import pyarrow as pa

from normalize.panel import tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normalize.rows import Row

SETTLED_LATER = frozenset({"reports", "panel"})

_CODEC = pa.Codec("zstd", compression_level=1)
_SIZE = struct.Struct("<Q")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Tables that are stored together, with the schemas of their rows as read."""

    name: str
    schemas: Mapping[str, pa.Schema]


def batch_of(schema: pa.Schema, rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows as a batch; ValueError for what Parquet could not hold: a lone surrogate, a number that is not finite."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    for field, cells in zip(schema, columns, strict=True):
        if field.type == pa.float64() and not all(cell is None or isfinite(cell) for cell in cells):
            raise ValueError(f"{field.name}: a number that is not finite")
    arrays = [pa.array(cells, field.type) for field, cells in zip(schema, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def pack(rows: Mapping[str, Sequence[Row]], part: Part) -> bytes:
    """The rows of a part's tables to bytes; a table that has no rows takes none. Raises ValueError as ``batch_of``."""
    messages = [
        batch_of(schema, rows[name]).serialize().to_pybytes() if rows[name] else b""
        for name, schema in part.schemas.items()
    ]
    content = b"".join([*(_SIZE.pack(len(message)) for message in messages), *messages])
    packed: bytes = _CODEC.compress(content, asbytes=True)
    return _SIZE.pack(len(content)) + packed


def unpack(data: bytes, part: Part) -> dict[str, pa.RecordBatch]:
    """The batches of a part's tables as ``pack`` took them; a table that had no rows is absent."""
    (size,) = _SIZE.unpack_from(data)
    content = _CODEC.decompress(memoryview(data)[_SIZE.size :], decompressed_size=size)
    start = _SIZE.size * len(part.schemas)
    lengths = struct.unpack(f"<{len(part.schemas)}Q", content[:start])
    found: dict[str, pa.RecordBatch] = {}
    for (name, schema), length in zip(part.schemas.items(), lengths, strict=True):
        if length:
            # Bytes of its own: a row that waits for its row group must not keep the whole report.
            message = pa.py_buffer(content.slice(start, length).to_pybytes())
            found[name] = pa.ipc.read_record_batch(message, schema)
            start += length
    return found


def _schemas() -> dict[str, pa.Schema]:
    """The tables' schemas; reports and panel lack their last column, the flags, which are settled later."""
    return {
        table.name: pa.schema(list(table.schema)[:-1]) if table.name in SETTLED_LATER else table.schema
        for table in tables()
    }


FIGURES_PART = Part("figures", {name: schema for name, schema in _schemas().items() if name == "figures"})
REST_PART = Part("rest", {name: schema for name, schema in _schemas().items() if name != "figures"})
