"""Changes beyond what the body's own other years and its peers show, with the numbers they are judged by.

A change is measured as the logarithm of the ratio of the two values, each plus 1, so that growth and decline, small and
large bodies compare. Columns added to a comparison of years:

``jump`` ``history``, ``peers``, both or empty · ``history_n`` the body's other changes from one year to the next ·
``history_median`` their median size in percent · ``peers_n`` the other bodies of the same province and level that have
both values, out of ``peers_of`` that have both reports · ``peers_median`` the median change in percent, the body's own
included. A change of less than half or double is no jump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

HISTORY_LEAST = 3
HISTORY_TIMES = 3.0
PEERS_LEAST = 10
PEERS_TIMES = 5.0
SPREAD_LEAST = 0.1
PAIRS_AT_ONCE = 1_000
CHANGES_AT_ONCE = 1_000_000

_RATIO = "ln(({b} + 1) / ({a} + 1))"
_HISTORY_TABLE = "CREATE TEMP TABLE history (pair BIGINT, cell BIGINT, n BIGINT, middle DOUBLE)"
# Some bodies at a time: medians of all at once would not fit in memory.
_HISTORY = """
INSERT INTO history
WITH figures AS ({source}),
     own AS (
         SELECT pair, p.report_id, p.report_year FROM pairs JOIN picked p USING (lineage, office)
         WHERE selected AND pair BETWEEN $from_pair AND $to_pair
     ),
     given AS (
         SELECT pair, own.report_year, cell, value
         FROM own JOIN figures f ON f.report_id = own.report_id AND f.report_year = own.report_year
         JOIN cells USING (indicator, applicant)
         WHERE f.status = 'reported' AND value > -1
     )
SELECT pair, cell, count(*) AS n, median(abs({ratio})) AS middle
FROM given a JOIN given b USING (pair, cell)
WHERE b.report_year = a.report_year + 1 AND NOT (a.report_year = $first AND b.report_year = $second)
GROUP BY ALL
"""
_JUMPS_TABLE = """
CREATE TEMP TABLE jumps (
    pair BIGINT, cell BIGINT, history_n BIGINT, peers_n BIGINT, peers_of BIGINT, history_median DOUBLE,
    peers_median DOUBLE, jump TEXT
)
"""
# Some cells at a time, for the same reason: 50,000 reports a year have 10 million changes.
_FOUND = """
INSERT INTO jumps
WITH changes AS (
         SELECT pair, cell, left(division_code, 2) AS province, body_level, selected, {ratio} AS ratio
         FROM compared JOIN pairs USING (pair)
         WHERE change IS NOT NULL AND a_value > -1 AND b_value > -1 AND cell BETWEEN $from_cell AND $to_cell
     ),
     peers AS (
         SELECT province, body_level, cell, count(*) AS n, median(ratio) AS middle, mad(ratio) AS spread
         FROM changes GROUP BY ALL
     ),
     both_reports AS (
         SELECT left(division_code, 2) AS province, body_level, count(*) AS number
         FROM pairs WHERE a_id IS NOT NULL AND b_id IS NOT NULL GROUP BY ALL
     )
SELECT pair, cell, coalesce(h.n, 0) AS history_n, p.n - 1 AS peers_n, b.number - 1 AS peers_of,
       round(100 * (exp(h.middle) - 1), 2) AS history_median, round(100 * (exp(p.middle) - 1), 2) AS peers_median,
       concat_ws(' ',
           CASE WHEN abs(ratio) >= ln(2) AND h.n >= $history_least
                 AND abs(ratio) > $history_times * greatest(h.middle, $spread_least) THEN 'history' END,
           CASE WHEN abs(ratio) >= ln(2) AND p.n > $peers_least
                 AND abs(ratio - p.middle) > $peers_times * greatest(p.spread, $spread_least) THEN 'peers' END
       ) AS jump
FROM changes JOIN peers p USING (province, body_level, cell)
JOIN both_reports b USING (province, body_level) LEFT JOIN history h USING (pair, cell)
WHERE selected
"""
_SIZE = "SELECT (SELECT count(*) FROM cells), (SELECT count(*) FROM compared)"


def find_jumps(connection: duckdb.DuckDBPyConnection, source: str, files: dict[str, Any], span: dict[str, int]) -> None:
    """Make the table ``jumps`` beside the tables ``picked``, ``pairs``, ``cells`` and ``compared`` of a comparison.

    ``source`` is the query that gives the cells of all years from ``files``.
    """
    ratio = _RATIO.format(a="a.value", b="b.value")
    connection.execute(_HISTORY_TABLE)
    (last,) = connection.execute("SELECT coalesce(max(pair), 0) FROM pairs WHERE selected").fetchone() or (0,)
    for start in range(1, last + 1, PAIRS_AT_ONCE):
        some = {"from_pair": start, "to_pair": start + PAIRS_AT_ONCE - 1}
        connection.execute(_HISTORY.format(source=source, ratio=ratio), {**files, **span, **some})
    limits = {
        "history_least": HISTORY_LEAST, "history_times": HISTORY_TIMES, "peers_least": PEERS_LEAST,
        "peers_times": PEERS_TIMES, "spread_least": SPREAD_LEAST,
    }  # fmt: skip
    connection.execute(_JUMPS_TABLE)
    cells, changes = connection.execute(_SIZE).fetchone() or (0, 0)
    cells_at_once = max(1, CHANGES_AT_ONCE * cells // max(1, changes))
    for start in range(0, cells, cells_at_once):
        some = {"from_cell": start, "to_cell": start + cells_at_once - 1}
        connection.execute(_FOUND.format(ratio=_RATIO.format(a="a_value", b="b_value")), limits | some)
