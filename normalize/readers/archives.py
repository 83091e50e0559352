"""Archives (zip, rar, 7z) to one document: the parts of what they hold, in the order of the names.

Nothing is written to disk. An archive of several bodies' reports is refused: whose figure is whose could not be told.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import PurePosixPath

from normalize.model import Document, RawTable
from normalize.readers.blocks import first_line
from normalize.readers.limits import MAX_UNPACKED, check_unpacked, member, open_zip
from normalize.readers.unreadable import UnreadableDocument, needed

MAX_DEPTH = 3
MAX_DOCUMENTS = 60
_IGNORED = (".exe", ".dll", ".css", ".js", ".ini", ".db", ".ds_store", ".lnk", ".url")

Reader = Callable[[bytes, int], Document]


def read_archive(data: bytes, media_type: str, depth: int, read: Reader) -> Document:
    """The document that an archive holds; ``read`` reads one member at the next depth.

    Members that cannot be read are left out with the flag ``member_unread``. Raises UnreadableDocument with the codes
    ``too_deep``, ``too_large``, ``damaged``, ``encrypted``, ``several_reports``, ``needs_extra``, and that of the first
    member where none can be read.
    """
    if depth >= MAX_DEPTH:
        raise UnreadableDocument("too_deep", f"archives inside archives, more than {MAX_DEPTH} deep")
    documents: list[Document] = []
    failures: list[UnreadableDocument] = []
    members = sorted(_MEMBERS[media_type](data))
    if len(members) > MAX_DOCUMENTS:
        raise UnreadableDocument("too_large", f"{len(members)} documents in the archive, the limit is {MAX_DOCUMENTS}")
    for name, content in members:
        try:
            documents.append(read(content, depth + 1))
        except UnreadableDocument as error:
            if error.code in ("too_deep", "several_reports"):
                raise
            failures.append(UnreadableDocument(error.code, f"{_shown(name)} in the archive: {error}"))
    if not documents:
        raise failures[0] if failures else UnreadableDocument("empty", "the archive holds no document")
    return _one(documents, failed=bool(failures))


def _one(documents: list[Document], *, failed: bool) -> Document:
    """One document of several: those with tables, or all where none has any."""
    with_tables = [each for each in documents if any(isinstance(part, RawTable) for part in each.parts)]
    # The same report in two formats counts once.
    chosen = list({_printed(each): each for each in reversed(with_tables)}.values())[::-1] or documents
    if len(with_tables) > 1 and len(set(map(_report_of, with_tables))) > 1:
        titles = ", ".join(sorted({each.title for each in with_tables}))
        raise UnreadableDocument("several_reports", f"the archive holds several reports: {titles[:200]}")
    flags = [*(flag for each in chosen for flag in each.flags), "archive", *(["member_unread"] if failed else [])]
    parts = [part for each in chosen for part in each.parts]
    return Document(chosen[0].reader, parts, first_line(parts), chosen[0].metas, list(dict.fromkeys(flags)))


def _printed(document: Document) -> tuple[str, ...]:
    """What the tables of a document print, without white space."""
    tables = (part for part in document.parts if isinstance(part, RawTable))
    return tuple(text for table in tables for row in table.rows for cell in row if (text := "".join(cell.text.split())))


def _report_of(document: Document) -> tuple[str, int]:
    """Body and year of the report that a member says it is."""
    from normalize.headings import read_heading  # noqa: PLC0415 - headings need the model only, readers come before

    heading = read_heading(document)
    return heading.body, heading.report_year


def _shown(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name[:80]


def _wanted(name: str, *, folder: bool) -> bool:
    plain = name.lower()
    return not folder and not plain.endswith(_IGNORED) and "__macosx/" not in plain


def _zip(data: bytes) -> Iterable[tuple[str, bytes]]:
    with open_zip(data, encoding="gb18030") as packed:
        for info in packed.infolist():
            if _wanted(info.filename, folder=info.is_dir()):
                yield info.filename, member(packed, info.filename)


def _rar(data: bytes) -> Iterable[tuple[str, bytes]]:
    rarfile = needed("unrar.cffi.rarfile", "rar")
    try:
        with tempfile.NamedTemporaryFile(prefix="gongkai-", suffix=".rar") as file:
            # Its library reads files only; members are unpacked in memory.
            file.write(data)
            file.flush()
            packed = rarfile.RarFile(file.name)
            infos = packed.infolist()
            check_unpacked(len(infos), sum(info.file_size for info in infos))
            for info in infos:
                if _wanted(info.filename, folder=info.is_dir()):
                    yield info.filename, packed.read(info.filename)
    except (rarfile.BadRarFile, rarfile.RarFileError, OSError, ValueError) as error:
        raise UnreadableDocument("damaged", f"the rar file cannot be unpacked: {error}; fetch it again") from error


def _seven(data: bytes) -> Iterable[tuple[str, bytes]]:
    py7zr = needed("py7zr", "docs")
    try:
        with py7zr.SevenZipFile(BytesIO(data)) as packed:
            infos = packed.list()
            check_unpacked(len(infos), sum(info.uncompressed or 0 for info in infos))
            names = [info.filename for info in infos if _wanted(info.filename, folder=info.is_directory)]
            factory = py7zr.io.BytesIOFactory(MAX_UNPACKED)
            packed.extract(targets=names, factory=factory)
            found = [(name, factory.get(name).read()) for name in names if name in factory.products]
        yield from found
    except py7zr.exceptions.PasswordRequired as error:
        raise UnreadableDocument("encrypted", "the archive is locked with a password") from error
    except (py7zr.exceptions.ArchiveError, OSError, EOFError, ValueError, zlib.error) as error:
        raise UnreadableDocument("damaged", f"the 7z file cannot be unpacked: {error}; fetch it again") from error


_MEMBERS: dict[str, Callable[[bytes], Iterable[tuple[str, bytes]]]] = {
    "application/zip": _zip,
    "application/vnd.rar": _rar,
    "application/x-7z-compressed": _seven,
}
