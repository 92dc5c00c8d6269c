"""The table of a crawl: every count of it, and nothing that a spreadsheet would run."""

from core.dataset.csv_cells import read_csv
from core.domain.crawl import QueryYield, SourceLight, SourceStanding
from pages.ui.crawl_table import TITLES, report_csv


def test_queries_reasons_and_licences_stand_in_one_table() -> None:
    yields = (QueryYield("commons", "falls", "천지연 폭포", 40, 20, 3, 17),)
    standings = (SourceStanding("commons", SourceLight.FINISHED, 40, 20, 3, {"photo.too_small": 12, "crawl.far": 5}),)
    titles, rows = read_csv(report_csv(yields, standings, {"CC BY 4.0": 15, "": 5}))
    assert titles == TITLES
    assert rows == (
        ("query", "commons", "falls", "천지연 폭포", "40", "20", "3", "17"),
        ("reason", "commons", "", "crawl.far", "", "", "", "5"),
        ("reason", "commons", "", "photo.too_small", "", "", "", "12"),
        ("licence", "", "", "CC BY 4.0", "", "15", "", ""),
        ("licence", "", "", "", "", "5", "", ""),
    )


def test_a_search_and_a_licence_that_look_like_formulas_are_text() -> None:
    formula = '=HYPERLINK("http://x.example")'
    content = report_csv((QueryYield("commons", "falls", formula, 1, 0, 0, 1),), (), {formula: 1})
    assert b"'=HYPERLINK" in content and b',"=HYPERLINK' not in content
    _, rows = read_csv(content)
    assert rows[0][3] == rows[1][3] == formula
