"""Logs as lines of JSON, one for each event, for machines that collect them."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from importlib.util import find_spec

from operations.model import RunError

# Their lines say how a library works, not what a run does.
QUIET = ("scrapy", "twisted", "asyncio", "py.warnings", "apprise", "pdfminer")


def check_json_logs() -> None:
    """Raise RunError where the extra for JSON logs is missing."""
    if find_spec("pythonjsonlogger") is None:
        raise RunError('--log-json needs python-json-logger: pip install "gongkai[operate]"')


def log_json() -> None:
    """Write all logs of this process to standard error, a JSON object a line, what is in ``extra`` as its members."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        import_module("pythonjsonlogger.json").JsonFormatter(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp=True,
            json_ensure_ascii=False,
        )
    )
    handler.setLevel(logging.INFO)
    handler.addFilter(_is_told)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _is_told(record: logging.LogRecord) -> bool:
    # A filter, because Scrapy sets the levels of loggers when it starts.
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in QUIET
