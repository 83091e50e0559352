"""The command line: thin, and the one module that knows both the crawler and the normalizer."""

from __future__ import annotations

import typer

from commands import archive, comparing, crawling, demo, documents, exploring, operating, portals, releases
from commands.console import Commands

app = typer.Typer(
    cls=Commands,
    help="Yearly disclosure reports of China's counties: crawl, read, build, compare.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for command in (
    documents.read,
    documents.trace,
    crawling.crawl,
    crawling.status,
    releases.build,
    releases.verify,
    comparing.panel,
    comparing.check,
    comparing.diff,
    exploring.explore,
    exploring.report,
    operating.run,
    operating.doctor,
    demo.demo,
):
    app.command()(command)

archive_app = typer.Typer(help="What an archive holds, and whether it is sound.", no_args_is_help=True)
archive_app.command("list")(archive.archive_list)
archive_app.command("verify")(archive.archive_verify)
archive_app.command("reindex")(archive.archive_reindex)
archive_app.command("copy")(archive.archive_copy)
archive_app.command("export")(archive.archive_export)
app.add_typer(archive_app, name="archive")

releases_app = typer.Typer(help="Which releases there are, whether they are whole, and which go.", no_args_is_help=True)
releases_app.command("list")(releases.releases_list)
releases_app.command("show")(releases.releases_show)
releases_app.command("verify")(releases.releases_verify)
releases_app.command("diff")(releases.releases_diff)
releases_app.command("gc")(releases.releases_gc)
app.add_typer(releases_app, name="releases")

portals_app = typer.Typer(help="The catalogue: is it sound, and what do the portals say.", no_args_is_help=True)
portals_app.command("check")(portals.portals_check)
portals_app.command("discover")(portals.portals_discover)
app.add_typer(portals_app, name="portals")

runs_app = typer.Typer(help="What past runs did and found.", no_args_is_help=True)
runs_app.command("list")(operating.runs_list)
runs_app.command("show")(operating.runs_show)
app.add_typer(runs_app, name="runs")


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
