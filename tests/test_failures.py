"""The failed checks of a release: their order, their cells, and the file that a cell stands in."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from normalize.failures import failed_checks
from normalize.published import ReleaseError
from normalize.release import build
from tests.fake_archive import FakeArchive, document, read_json, write_archive
from tests.test_parts import PAGE, PDF, TABLE_FOUR, TABLE_THREE, TABLE_TWO, only

if TYPE_CHECKING:
    from pathlib import Path


def test_a_cell_names_its_file_where_the_report_is_in_several(tmp_path: Path) -> None:
    page = document(values=only(*TABLE_TWO, *TABLE_THREE, **{"apply.new@total": 5.0}))
    four = document(values=only(*TABLE_FOUR, **{"review.recon.total": 9.0}))
    archive = write_archive(tmp_path / "archive", {PAGE: page, PDF: four}, {PDF: {"kind": "attachment"}})
    build(archive, tmp_path / "releases", reader=read_json, open_archive=FakeArchive)
    failed = failed_checks(tmp_path / "releases").set_index("check")
    digest = hashlib.sha256(json.dumps(four).encode()).hexdigest()
    assert failed.loc["S4-1", "url"] == PAGE
    assert f"review.recon.total: 9 (file {digest[:12]}, table 2, row 3, column 4)" in str(failed.loc["S4-1", "sources"])
    assert "apply.new@total: 5 (table 2, row 3, column 4)" in str(failed.loc["S3-1", "sources"])


def test_without_a_release_there_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="releases"):
        failed_checks(tmp_path / "releases")
