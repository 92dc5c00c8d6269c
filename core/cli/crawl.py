"""`crawl`: photos of places from sources on the network, or from a file of the curator's; the job "crawl" is the same.

What is asked for is a row before anything is asked: a crawl that was cut off goes on with `--crawl ID`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from core.cli import compose
from core.cli.crawl_table import report_document, say_report
from core.cli.crawl_tools import crawl_tools
from core.cli.job_commands import in_job, reporting
from core.cli.opinions import opinions_follow
from core.cli.output import write_json
from core.crawl.crawl import run_crawl
from core.crawl.offer import offer_file
from core.crawl.sources.registry import FILE_SOURCES, SOURCES, default_sources
from core.crawl.tools import CrawlTools
from core.dataset.groups import regroup
from core.dataset.ingest import read_content
from core.domain.crawl import Crawl, CrawlSpec
from core.errors import InvalidInput, NotFound
from core.messages import translator


def crawl(
    place: Annotated[list[str] | None, typer.Option(help="A slug; may be given again.", show_default=False)] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="A source's name; may be given again, or several with commas.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Photos to keep per place and source.", min=1)] = 50,
    query: Annotated[list[str] | None, typer.Option(help="What to search for; else the place's names.")] = None,
    free_only: Annotated[bool, typer.Option("--free-only", help="Only under a stated free licence.")] = False,
    min_size: Annotated[int, typer.Option(help="Least pixels of the shorter side.", min=32)] = 320,
    reach_km: Annotated[float, typer.Option(help="Refuse photos that say they were taken farther away.")] = 20.0,
    file: Annotated[Path | None, typer.Option(help="A list of addresses, or a saved result page.")] = None,
    crawl_id: Annotated[str, typer.Option("--crawl", help="Go on with this crawl, as it was asked for.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Collect photos of places, to be reviewed. Exit status 1 when none came in and none was known."""
    tools = crawl_tools()
    if crawl_id:
        wanted = tools.crawls.get(crawl_id)
    else:
        spec = CrawlSpec(
            place_slugs=tuple(dict.fromkeys(place or ())),
            sources=_sources(source or (), file),
            limit=limit,
            queries={slug: tuple(query) for slug in place or ()} if query else {},
            free_only=free_only,
            min_size_px=min_size,
            reach_m=reach_km * 1000,
        )
        wanted = _note(spec, file, tools)
    if not in_job():
        typer.echo(translator(compose.interface_language())("crawl.begun", crawl_id=wanted.crawl_id), err=True)
    _run(wanted, tools, as_json)


def _run(wanted: Crawl, tools: CrawlTools, as_json: bool) -> None:
    """Run a crawl, bring looks and groups up to date, and tell what came of it."""
    with reporting() as report:
        found = run_crawl(wanted, tools, report)
    regroup(tools.library.photos, tools.library.review)
    if as_json:
        write_json(report_document(found))
    else:
        say_report(found)
    opinions_follow()
    if not in_job() and not (found.kept or found.known or found.waits_until):
        raise typer.Exit(1)


def _sources(named: Sequence[str], file: Path | None) -> tuple[str, ...]:
    """Return the sources that are meant; a file is a list of addresses unless another is named.

    Raises:
        NotFound: code "crawl.no_source".
        InvalidInput: code "crawl.file_source"; a file belongs to exactly one source that reads files.
    """
    names = tuple(dict.fromkeys(name.strip() for text in named for name in text.split(",") if name.strip()))
    if file is not None:
        names = names or ("url-list",)
        if len(names) != 1 or names[0] not in FILE_SOURCES:
            raise InvalidInput("crawl.file_source", sources=", ".join(FILE_SOURCES))
        return names
    for name in names:
        if name not in SOURCES:
            raise NotFound("crawl.no_source", source=name, sources=", ".join(SOURCES))
    return names or default_sources()


def _note(spec: CrawlSpec, file: Path | None, tools: CrawlTools) -> Crawl:
    """Note what is asked for; with a file, what it holds.

    Raises:
        NotFound: a place that does not exist. InvalidInput, SourceFailed: the file is not what the source reads.
    """
    for slug in spec.place_slugs:
        tools.places.get(slug)
    if file is None:
        return tools.crawls.create(spec)
    return offer_file(spec, FILE_SOURCES[spec.sources[0]], read_content(file), file.name, tools.crawls)
