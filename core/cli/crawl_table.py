"""A crawl's report on the terminal and as JSON: how sources stand, what queries brought, under which licences."""

from typing import Any

import typer

from core.cli import compose
from core.cli.output import printable, write_table
from core.crawl.report import CrawlReport
from core.domain.crawl import SourceStanding
from core.errors import EodiError
from core.messages import describe, translator

COLUMNS = (
    "crawl.column_source",
    "crawl.column_place",
    "crawl.column_query",
    "crawl.column_found",
    "crawl.column_kept",
    "crawl.column_known",
    "crawl.column_refused",
)


def report_document(report: CrawlReport) -> dict[str, Any]:
    """Return a report as JSON holds it."""
    counts = {"kept": report.kept, "known": report.known, "refused": report.refused}
    until = report.waits_until.isoformat() if report.waits_until else None
    return {
        "crawl_id": report.crawl_id,
        **counts,
        "waits_until": until,
        "sources": [_standing(standing) for standing in report.standings],
        "queries": [
            {"source": one.source, "place": one.place_slug, "query": one.query, "found": one.found, "kept": one.kept}
            | {"known": one.known, "refused": one.refused}
            for one in report.yields
        ],
        "licences": dict(report.licences),
    }


def _standing(standing: SourceStanding) -> dict[str, Any]:
    until = standing.until.isoformat() if standing.until else None
    return {
        "source": standing.source,
        "light": standing.light.value,
        "until": until,
        "found": standing.found,
        "kept": standing.kept,
        "known": standing.known,
        "refused": dict(standing.refused),
        "requests": standing.requests,
        "message": in_words(standing),
    }


def in_words(standing: SourceStanding) -> str:
    """Return why a source stands as it does; "" where nothing is wrong."""
    if not standing.message:
        return ""
    return describe(EodiError(standing.message, **standing.message_values), compose.interface_language())


def say_report(report: CrawlReport) -> None:
    """Show what each query brought; on stderr, which sources could not go on, and why photos were refused."""
    words = translator(compose.interface_language())
    for standing in report.standings:
        if standing.message:
            typer.echo(f"{standing.source}: {printable(in_words(standing))}", err=True)
        for code, count in sorted(standing.refused.items()):
            typer.echo(words("crawl.refused_because", source=standing.source, count=count, reason=code), err=True)
    rows = [
        (one.source, one.place_slug, one.query, *map(str, (one.found, one.kept, one.known, one.refused)))
        for one in report.yields
    ]
    write_table([words(key) for key in COLUMNS], rows)
    for licence, count in report.licences.items():
        name = licence or words("crawl.licence_unknown")
        typer.echo(words("crawl.licence_count", licence=printable(name), count=count))
    counts = {"kept": report.kept, "known": report.known, "refused": report.refused}
    typer.echo(words("crawl.done", **counts))
    if report.waits_until is not None:
        typer.echo(words("crawl.how_to_go_on", crawl_id=report.crawl_id))
