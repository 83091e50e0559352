"""The app that Streamlit runs: the address in, a view out; every view has an address of its own."""

from __future__ import annotations

import base64
from functools import partial
from html import escape
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from explorer import charts, settings
from explorer.ahead import make_ahead
from explorer.app_views import VIEWS
from explorer.markup import STYLE, table_html, text_html
from explorer.model import (
    Archived,
    Asked,
    Block,
    Changes,
    Chart,
    Choice,
    Heading,
    Link,
    Picture,
    Table,
    Text,
    View,
    Words,
)
from explorer.page import shown
from explorer.source import Source
from explorer.words import say
from normalize.published import ReleaseError, locate

HIDDEN = frozenset({"home", "source"})
FRAME_HEIGHT = 720


@st.cache_resource(max_entries=2, show_spinner=False, on_release=Source.close)
def opened(path: str) -> Source:
    """A release, opened once however many look at it."""
    return Source(Path(path), settings.current().families)


@st.cache_resource(max_entries=2, show_spinner=False)
def made_ahead(path: str) -> Thread:
    """Make once for a release, beside its visitors, what they may ask next."""
    thread = Thread(target=make_ahead, args=(opened(path),), daemon=True)
    thread.start()
    return thread


def asked() -> Asked:
    """What the address asks."""
    values = st.query_params.to_dict()
    return Asked(values, "en" if values.get("lang") == "en" else "zh")


def address(link: Link) -> str:
    """The address of a view, in the language of this one."""
    return f"/{link.view}?{urlencode({**link.asked, 'lang': asked().language})}"


def run(name: str) -> None:
    """Show one view."""
    wanted = asked()
    try:
        release = locate(settings.current().releases)
        view = VIEWS[name](opened(str(release.path)), wanted)
        made_ahead(str(release.path))
    except ReleaseError as error:
        html(f"<style>{STYLE}</style>" + text_html(Text(str(error), "error")))
        return
    before = st.session_state.get("release", release.release_id)
    st.session_state["release"] = release.release_id
    html(f"<style>{STYLE}</style><h1>{escape(view.title)}</h1>")
    said = f"{say('release', wanted.language)} {release.release_id}"
    if before != release.release_id:
        said += wanted.either(f"（刚刚取代了 {before}）", f" (has just replaced {before})")
    html(text_html(Text(said, "quiet")))
    choose(name, view)
    # One element for all that is only HTML: each costs the browser time.
    texts: list[str] = []
    for number, block in enumerate(view.blocks):
        text = shown(block) if isinstance(block, Heading | Text | Changes | Words) else ""
        if text:
            texts.append(text)
            continue
        put(texts)
        show(block, f"{name}-{number}", wanted)
    put(texts)


def html(text: str) -> None:
    """Show HTML of our own, and say in which language: Streamlit calls every page English."""
    st.html(f'<div lang="{asked().language}">{text}</div>')


def put(texts: list[str]) -> None:
    """Show what has gathered, and let go of it."""
    if texts:
        html("\n".join(texts))
        texts.clear()


def choose(name: str, view: View) -> None:
    """The view's choices; a change goes into the address, and the address into the view."""
    choices = [choice for choice in view.choices if choice.options]
    for start in range(0, len(choices), 4):
        for column, choice in zip(st.columns(4), choices[start : start + 4], strict=False):
            with column:
                one_choice(name, choice)


def one_choice(name: str, choice: Choice) -> None:
    """One choice."""
    values = list(choice.options)
    picked = st.selectbox(
        choice.label, values, index=values.index(choice.value) if choice.value in values else 0,
        format_func=lambda value: choice.options[value], key=f"{name}-{choice.name}-{choice.value}-{asked().language}",
    )  # fmt: skip
    if picked is not None and picked != choice.value:
        for cleared in choice.clears:
            st.query_params.pop(cleared, None)
        st.query_params[choice.name] = picked
        st.rerun()


def show(block: Block, key: str, wanted: Asked) -> None:
    """One block, in Streamlit's way."""
    if isinstance(block, Picture):
        st.image(block.png)
        html(text_html(Text(block.caption, "quiet")))
    elif isinstance(block, Archived):
        frame(block)
    elif isinstance(block, Table):
        show_table(block, key)
    elif isinstance(block, Chart):
        show_chart(block, key, wanted)


def show_table(table: Table, key: str) -> None:
    """A table and its csv."""
    html(table_html(table, address))
    if table.frame is not None and table.rows:
        st.download_button(
            "CSV", partial(csv, table), f"{table.name}.csv", "text/csv", key=f"{key}-csv", on_click="ignore"
        )  # fmt: skip


def csv(table: Table) -> bytes:
    """All rows of a table as csv, with the mark by which spreadsheets know UTF-8."""
    return table.frame.to_csv(index=False, lineterminator="\n").encode("utf-8-sig") if table.frame is not None else b""


def show_chart(chart: Chart, key: str, wanted: Asked) -> None:
    """A chart, what a click in it leads to, and the chart as a file."""
    drawn = chart.draw()
    if chart.pick is None:
        st.altair_chart(drawn, theme=None, key=key, alt=chart.alt)
    else:
        # A name for each address: what was picked in the view before is not picked in this one.
        picked_in = f"{key}-{sorted(st.query_params.to_dict().items())}"
        event = st.altair_chart(
            drawn, theme=None, key=picked_in, alt=chart.alt, on_select="rerun", selection_mode=charts.PICK
        )
        marks = event.get("selection", {}).get(charts.PICK) or []
        if marks:
            values = {name: str(marks[0][field]) for field, name in chart.pick.fields.items() if field in marks[0]}
            st.switch_page(PAGES[chart.pick.view], query_params={**chart.pick.fixed, **values, "lang": wanted.language})
    with st.container(horizontal=True):
        st.download_button(
            "SVG", partial(charts.svg, drawn), f"{chart.name}.svg", "image/svg+xml", key=f"{key}-svg", on_click="ignore"
        )
        st.download_button(
            "PNG", partial(charts.png, drawn), f"{chart.name}.png", "image/png", key=f"{key}-png", on_click="ignore"
        )


def frame(page: Archived) -> None:
    """An archived page in a frame within a frame: the outer is ours, the inner may do nothing at all.

    The inner one is a data address, which has no origin, and whose fragment brings the marked cell into sight without
    any script.
    """
    encoded = base64.b64encode(page.html.encode(errors="replace")).decode()
    inner = f"data:text/html;charset=utf-8;base64,{encoded}" + (f"#{page.anchor}" if page.anchor else "")
    outer = (
        "<!DOCTYPE html><meta charset=utf-8><meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; frame-src data:\"><style>html,body,iframe{margin:0;border:0;width:100%;height:100%}"
        f'</style><iframe sandbox referrerpolicy="no-referrer" title="archived" src="{inner}"></iframe>'
    )
    st.iframe(outer, height=FRAME_HEIGHT, alt="archived")


def _page(name: str) -> Any:
    return st.Page(
        partial(run, "coverage" if name == "home" else name), title=say(name, asked().language), url_path=name,
        default=name == "home",
        visibility="hidden" if name in HIDDEN else "visible",
    )  # fmt: skip


def main() -> None:
    """Lay out the navigation, and run the view that the address names."""
    st.set_page_config(page_title="Gongkai 公开", layout="wide")
    language = asked().language
    chosen = st.navigation(list(PAGES.values()), position="hidden")
    with st.sidebar:
        for name, page in PAGES.items():
            if name not in HIDDEN:
                st.page_link(page, label=say(name, language), query_params={"lang": language})
        other = "en" if language == "zh" else "zh"
        if st.button("English" if other == "en" else "中文", key=f"language-{other}"):
            st.query_params["lang"] = other
            st.rerun()
    chosen.run()


# The bare address shows coverage, which has an address of its own too.
PAGES = {name: _page(name) for name in ("home", *VIEWS)}
main()
