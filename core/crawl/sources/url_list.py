"""A list of photos' addresses that the curator has: a text file, or CSV with page, author and licence.

Each line is `url[,page_url,author,licence]`, in UTF-8; a first line with these names, empty lines and lines that begin
with # are passed over. A bad line is named by its number, and none of the file is taken until it is put right.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from core.crawl.source import SourceInfo, SourcePage
from core.crawl.sources.reading import one_line, web_address
from core.domain.crawl import Candidate
from core.errors import InvalidInput

COLUMNS = ("url", "page_url", "author", "licence")
MOST_LINES = 10_000
MOST_BYTES = 5 * 2**20
SHOWN = 80  # characters of a bad address that are repeated

INFO = SourceInfo(
    name="url-list",
    title="List of addresses",
    home_url="",
    terms_url="",
    pace_s=0.0,
    page_size=MOST_LINES,
    most_results=MOST_LINES,
    states_licence=True,
)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be taken. number: from 1, as editors count."""

    number: int
    error: InvalidInput


@dataclass(frozen=True, slots=True)
class UrlList:
    """What a file holds: photos in its order, each address once, and the lines that are none."""

    candidates: tuple[Candidate, ...]
    bad_lines: tuple[BadLine, ...]


def read_list(content: bytes, name: str) -> UrlList:
    """Read a file of addresses.

    name: the file's, for sentences about it.

    Raises:
        InvalidInput: "url_list.not_text", "url_list.too_long"; it is no such file.
    """
    if len(content) > MOST_BYTES or content.count(b"\n") > MOST_LINES:
        raise InvalidInput("url_list.too_long", file=name, limit=MOST_LINES)
    candidates: dict[str, Candidate] = {}
    bad: list[BadLine] = []
    for number, cells in _lines(content, name):
        made = _candidate(cells, number, name, len(candidates))
        if isinstance(made, BadLine):
            bad.append(made)
        else:
            candidates.setdefault(made.image_url, made)
    return UrlList(tuple(candidates.values()), tuple(bad))


def parse_saved(content: bytes, name: str) -> SourcePage:
    """Return the photos of a file without a bad line.

    Raises:
        InvalidInput: the first bad line, or the file as a whole.
    """
    found = read_list(content, name)
    if found.bad_lines:
        raise found.bad_lines[0].error
    return SourcePage(found.candidates, None, len(found.candidates))


def _lines(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Give the cells of the lines that count, with their number."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("url_list.not_text", file=name) from error
    for number, line in enumerate(io.StringIO(text), start=1):
        stripped = line.replace("\0", "").strip()
        if not stripped or stripped.startswith("#"):
            continue
        try:
            cells = next(csv.reader([stripped], skipinitialspace=True))
        except csv.Error:
            cells = [stripped]
        if number > 1 or cells[0].strip().lower() != COLUMNS[0]:
            yield number, [cell.strip() for cell in cells]


def _candidate(cells: list[str], number: int, name: str, rank: int) -> Candidate | BadLine:
    """Make a candidate of a line's cells, or say what is wrong with it."""
    if len(cells) > len(COLUMNS):
        return BadLine(
            number, InvalidInput("url_list.columns", file=name, line=number, count=len(cells), limit=len(COLUMNS))
        )
    url, page, author, licence = (*cells, "", "", "")[: len(COLUMNS)]
    image_url, page_url = web_address(url, ""), web_address(page, "")
    for written, address in ((url, image_url), (page, page_url)):
        if not address and (written or written is url):
            shown = one_line(written, SHOWN)
            return BadLine(number, InvalidInput("url_list.address", file=name, line=number, address=shown))
    return Candidate(
        source=INFO.name,
        image_url=image_url,
        page_url=page_url,
        author=one_line(author),
        licence=one_line(licence),
        rank=rank,
    )
