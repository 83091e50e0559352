"""What reads attachments on this machine."""

from __future__ import annotations

import shutil
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from normalize.readers.office import PROGRAMS

_PACKAGES = ("msdoc2docx", "onnxruntime", "pdfplumber", "py7zr", "python-calamine", "rapidocr", "unrar2-cffi")


def installed() -> str:
    """The packages and programs that are here, packages with their versions: with others, an archive may say more."""
    found = []
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            found.append(f"{package} {version(package)}")
    return ", ".join([*found, *(["LibreOffice"] if any(map(shutil.which, PROGRAMS)) else [])])
