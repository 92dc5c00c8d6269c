"""What a crawl brought as one table that a spreadsheet opens: queries, reasons and licences, told apart by `part`."""

from collections.abc import Mapping, Sequence

from core.dataset.csv_cells import Cell, write_csv
from core.domain.crawl import QueryYield, SourceStanding

CSV_NAME = "eodi-crawl.csv"
TITLES = ("part", "source", "place", "name", "found", "kept", "known", "refused")


def report_csv(yields: Sequence[QueryYield], standings: Sequence[SourceStanding], licences: Mapping[str, int]) -> bytes:
    """Return the table. `name` is a query, the code of a reason, or a licence ("" for none stated)."""
    rows: list[tuple[Cell, ...]] = [
        ("query", one.source, one.place_slug, one.query, one.found, one.kept, one.known, one.refused) for one in yields
    ]
    rows += [
        ("reason", standing.source, "", code, None, None, None, count)
        for standing in standings
        for code, count in sorted(standing.refused.items())
    ]
    rows += [("licence", "", "", licence, None, count, None, None) for licence, count in licences.items()]
    return write_csv(TITLES, rows)
