"""One release under DuckDB: its Parquet read in place, each query with bound values."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from normalize.database import connect
from normalize.divisions import all_divisions
from normalize.panel import tables
from normalize.published import load_release, opened
from normalize.schema import OUTCOMES, PARTITION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    Values = tuple[tuple[str, Any], ...]

MEMORY = "300MB"
# A release never changes, so what it answered once stays true: so many answers are kept, none of more rows.
KEPT_ANSWERS = 64
KEPT_ROWS = 20_000
NEWEST_PLACE = 9998
_PORTALS = pa.schema([(name, pa.string()) for name in ("code", "name", "province", "prefecture", "family")])


class Source:
    """A release, resolved once; ``families`` maps a portal's code to its family, as the catalogue names it.

    The views of DuckDB bear the names of the tables; ``portals`` are the portals of the outcomes with their places.
    Raises ReleaseError where there is no release or a file of it is damaged.
    """

    def __init__(self, releases: Path, families: Mapping[str, str] | None = None) -> None:
        self.release = load_release(releases)
        self.families = dict(families or {})
        self._connection = connect(memory=MEMORY)
        # The files of a release never change, so what is known of their row groups stays true.
        self._connection.execute("SET parquet_metadata_cache = true")
        with opened(self.release.path):
            for table in (*tables(), OUTCOMES):
                self._add(table.name, table.schema)
            self._add_portals()
        self._kept: OrderedDict[tuple[str, Values], pd.DataFrame] = OrderedDict()

    @property
    def release_id(self) -> str:
        """The release's name."""
        return self.release.release_id

    def rows(self, query: str, **values: Any) -> pd.DataFrame:
        """What a query gives, as a frame of the caller's own; texts are empty where the release has none."""
        # What stands in a frame are numpy's numbers, which DuckDB does not bind.
        plain = {name: value.item() if hasattr(value, "item") else value for name, value in values.items()}
        used = tuple((name, value) for name, value in plain.items() if f"${name}" in query)
        frame = self._kept.pop((query, used), None)
        if frame is None:
            frame = self._answer(query, used)
        if len(frame) <= KEPT_ROWS:
            self._kept[query, used] = frame
        if len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)
        return frame.copy(deep=False)

    def _answer(self, query: str, values: Values) -> pd.DataFrame:
        with opened(self.release.path), self._connection.cursor() as cursor:
            frame: pd.DataFrame = cursor.execute(query, dict(values)).df()
        return frame

    def close(self) -> None:
        """Let go of the files and of the answers."""
        self._kept.clear()
        self._connection.close()

    def _add(self, name: str, schema: pa.Schema) -> None:
        files = [
            str(self.release.path / entry["path"]) for entry in self.release.manifest["files"] if entry["table"] == name
        ]
        if files:
            found = self._connection.read_parquet(files, hive_partitioning=True, union_by_name=False)
            found.create_view(name)
            return
        empty = pa.schema([*((field.name, field.type) for field in schema), (PARTITION, pa.int64())]).empty_table()
        self._connection.from_arrow(empty).create(name)

    def _add_portals(self) -> None:
        places, rows = all_divisions(), []
        known = self._connection.execute(
            "SELECT code, any_value(name) FROM outcomes GROUP BY code UNION "
            "SELECT division_code, any_value(coalesce(nullif(county, ''), nullif(prefecture, ''), province)) "
            "FROM reports WHERE division_code NOT IN (SELECT code FROM outcomes) AND division_code <> '' GROUP BY ALL"
        ).fetchall()
        for code, name in known:
            place = places.place(code, NEWEST_PLACE)
            rows.append((code, name, place.province, place.prefecture, self.families.get(code, "")))
        columns = list(zip(*rows, strict=True)) or [()] * len(_PORTALS)
        self._connection.from_arrow(pa.table([pa.array(each, pa.string()) for each in columns], _PORTALS)).create(
            "portals"
        )
