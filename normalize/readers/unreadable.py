"""What says that a document cannot be read, and what to install where only a package or a program is missing."""

from __future__ import annotations

import shutil
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


class UnreadableDocument(Exception):  # noqa: N818 - it is an outcome of a document, not a fault of the program
    """A document that no reader can read; ``code`` is its outcome, the text says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def needed(module: str, extra: str) -> ModuleType:
    """A module of an optional extra.

    Raises UnreadableDocument (``needs_extra``) naming the extra where it is absent.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise UnreadableDocument(
            "needs_extra", f"reading it takes {error.name or module}; install it: pip install 'gongkai[{extra}]'"
        ) from error


def needed_program(names: tuple[str, ...], packages: str) -> str:
    """The path of the first of some programs that is installed.

    Raises UnreadableDocument (``needs_program``) naming the Debian packages that hold it where there is none.
    """
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise UnreadableDocument("needs_program", f"reading it takes {names[0]}; install it: apt install {packages}")
    return found
