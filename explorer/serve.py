"""Starts the app: on loopback, without usage statistics, and with nothing that a developer's server offers."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from pathlib import Path

from explorer import settings

APP = Path(__file__).with_name("app.py")
FONT = "system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', 'WenQuanYi Zen Hei', sans-serif"
# Imported before the first visitor comes, who would wait for them otherwise.
WARM = ("altair", "duckdb", "pandas", "nh3", "explorer.app_views", "streamlit.elements.vega_charts")


def options(host: str, port: int) -> dict[str, str]:
    """What the server is told."""
    return {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableStaticServing": "false",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        # What went wrong stands in the terminal; a visitor need not know this machine's folders.
        "client.showErrorDetails": "none",
        "theme.base": "light",
        "theme.font": FONT,
        "theme.primaryColor": "#0072B2",
    }


def serve(asked: settings.Settings, host: str, port: int) -> None:
    """Serve until stopped; ModuleNotFoundError without the extra ``explore``."""
    cli = import_module("streamlit.web.cli")
    for name in WARM:
        import_module(name)
    # Streamlit collects garbage after every view; what the libraries brought with them, 140,000 objects, is none.
    gc.collect()
    gc.freeze()
    settings.use(asked)
    # Streamlit reads a folder's own configuration otherwise.
    os.environ["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"
    words = [f"--{name}={value}" for name, value in options(host, port).items()]
    cli.main(["run", str(APP), *words], standalone_mode=False)
