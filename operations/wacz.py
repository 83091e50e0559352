"""An archive as one WACZ file, which web archive players open."""

from __future__ import annotations

import contextlib
import io
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from captures import ArchiveError
from captures.warc import warc_files

if TYPE_CHECKING:
    from pathlib import Path


def export_wacz(archive: Path, output: Path) -> int:
    """Write the WARC files of an archive into a WACZ file and return their number.

    Raises ArchiveError where the extra is missing, where there is nothing to write, or where the file is there.
    """
    if find_spec("wacz") is None:
        raise ArchiveError('export --wacz needs wacz: pip install "gongkai[wacz]"')
    files = warc_files(archive)
    if not files:
        raise ArchiveError(f"{archive}: no WARC file; name the archive with --archive DIR")
    if output.exists():
        raise ArchiveError(f"{output}: is there already; name another file, or remove it")
    fresh = output.with_name(f".{output.name}.new")
    words = ["create", "--output", str(fresh), "--detect-pages", *map(str, files)]
    said = io.StringIO()
    try:
        # Its progress goes to standard output.
        with contextlib.redirect_stdout(said):
            code = import_module("wacz.main").main(words)
        if code:
            raise ArchiveError(f"{output}: wacz failed: {said.getvalue().strip()[-300:]}")
        fresh.replace(output)
    except OSError as error:
        raise ArchiveError(f"{output}: {error.strerror}; name a file that can be written") from error
    finally:
        fresh.unlink(missing_ok=True)
    return len(files)
