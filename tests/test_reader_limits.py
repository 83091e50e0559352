"""What hostile files may cost: time, memory, a program that hangs with its children."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from normalize import read_document
from normalize.model import Document
from normalize.readers import UnreadableDocument, office, pdf, read
from normalize.readers.limits import bounded
from normalize.reading import Job, read_all
from tests.fake_archive import FakeArchive, capture

if TYPE_CHECKING:
    from captures import Capture

PDF = b"%PDF-1.4 anything"


@pytest.mark.fault("reader that hangs")
def test_time_is_limited() -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableDocument, match="more than 1 seconds") as error, bounded(seconds=1):
        while time.monotonic() - started < 30:
            pass
    assert error.value.code == "too_slow"


def test_memory_is_limited() -> None:
    with pytest.raises(UnreadableDocument, match="bytes of memory") as error, bounded(memory=64 * 1024 * 1024):
        bytearray(512 * 1024 * 1024)
    assert error.value.code == "too_large"
    assert len(bytearray(512 * 1024 * 1024)) == 512 * 1024 * 1024


def test_readers_run_within_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    def hungry(_data: bytes) -> Document:
        bytearray(64 * 1024**3)
        return Document("pdf", [])

    monkeypatch.setattr(pdf, "read_pdf", hungry)
    with pytest.raises(UnreadableDocument) as error:
        read(PDF)
    assert error.value.code == "too_large"


def test_what_a_file_does_to_a_library_is_its_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_data: bytes) -> Document:
        raise IndexError("list index out of range")

    monkeypatch.setattr(pdf, "read_pdf", broken)
    with pytest.raises(UnreadableDocument, match="IndexError: list index out of range") as error:
        read(PDF)
    assert error.value.code == "damaged"


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in LibreOffice's place."""
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(office, "SECONDS", 2)


def ended(pid: int) -> bool:
    """Whether a process has ended, waiting a moment for it."""
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.fault("reader that hangs")
def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f"sleep 300 & echo $! > {tmp_path}/child; wait", monkeypatch)
    with pytest.raises(UnreadableDocument, match="more than 2 seconds") as error:
        office.convert(b"{\\rtf1 x}", "rtf", "docx")
    assert error.value.code == "too_slow"
    assert ended(int((tmp_path / "child").read_text(encoding="utf-8")))


def test_a_program_that_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "exit 0", monkeypatch)
    with pytest.raises(UnreadableDocument, match="LibreOffice could not read it") as error:
        read(b"{\\rtf1 x}")
    assert error.value.code == "damaged"


def test_a_program_has_its_own_home_and_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    program(tmp_path, f'env > {tmp_path}/env; echo "$@" > {tmp_path}/arguments', monkeypatch)
    with pytest.raises(UnreadableDocument):
        office.convert(b"{\\rtf1 x}", "rtf", "docx")
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text("utf-8").splitlines() if "=" in line)
    assert "SECRET_TOKEN" not in environment
    assert environment["HOME"] != os.environ.get("HOME")
    assert not Path(environment["HOME"]).exists()
    assert f"-env:UserInstallation=file://{environment['HOME']}/profile" in (tmp_path / "arguments").read_text("utf-8")


# Copies each file to where its conversion is looked for, but for those that say they are bad.
COPIES = """echo run >> {folder}/runs
while [ $# -gt 0 ]; do
  case $1 in
    --outdir) out=$2; mkdir -p $out;;
    *.rtf) grep -q bad $1 || cp $1 $out/$(basename $1 .rtf).docx;;
  esac; shift
done"""


def test_documents_are_converted_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, COPIES.format(folder=tmp_path), monkeypatch)
    for data in (b"one", b"two", b"bad", b"one"):
        with office.deferring(), pytest.raises(office.ConversionDeferred):
            office.convert(data, "rtf", "docx")
    assert not (tmp_path / "runs").exists()
    with office.converted():
        assert [office.convert(data, "rtf", "docx") for data in (b"one", b"two")] == [b"one", b"two"]
        assert (tmp_path / "runs").read_text(encoding="utf-8") == "run\n"
        with pytest.raises(UnreadableDocument, match="could not read it"):
            office.convert(b"bad", "rtf", "docx")


def test_a_build_converts_a_chunk_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, COPIES.format(folder=tmp_path), monkeypatch)
    payloads = {f"http://a.example/{name}": f"{{\\rtf1 {name}}}".encode() for name in ("one", "bad", "two")}
    payloads["http://a.example/page"] = b"<p>page</p>"

    class Given(FakeArchive):
        def __init__(self, _path: Path) -> None:
            self._content = {}

        def read(self, capture: Capture) -> bytes:
            return payloads[capture.url]

    captures = [(url, capture(url, data)) for url, data in payloads.items()]
    (found,) = read_all(Job(tmp_path, Given, read_document), [captures], workers=1)
    assert [key.rpartition("/")[2] for key, _ in found] == ["page", "one", "bad", "two"]
    # One for the three; then the one that it could not read, by itself.
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "run\nrun\n"


def test_there_is_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not office._without_network():
        pytest.skip("this system does not let a program start without network (unshare)")
    program(tmp_path, f"cat /proc/net/dev > {tmp_path}/net", monkeypatch)
    with pytest.raises(UnreadableDocument):
        office.convert(b"x", "rtf", "docx")
    devices = [line.split(":")[0].strip() for line in (tmp_path / "net").read_text("utf-8").splitlines() if ":" in line]
    assert devices == ["lo"]
