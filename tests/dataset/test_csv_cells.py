"""What a spreadsheet would run is guarded, and reading gives back what was written."""

import csv
import io

import pytest

from core.dataset.csv_cells import BOM, read_csv, write_csv
from core.errors import InvalidInput

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HOSTILE = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.example","click")',
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1+1)",
    "=",
    "-",
    "'=1+1",
    "''-2",
    "'-5",
    "+-5",
    '=1;2,"3"\r\n\'4',
)
HARMLESS = ("천지연 폭포", "it's", "'quoted'", "")
CELLS = HOSTILE + HARMLESS


def test_there_are_24_cells() -> None:
    assert len(set(CELLS)) == 24


def test_no_cell_begins_like_a_formula_and_reading_restores_every_one() -> None:
    content = write_csv(CELLS, [CELLS, CELLS[::-1]])
    opened = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [len(row) for row in opened] == [24, 24, 24]
    assert [cell for row in opened for cell in row if cell.startswith(BEGINNINGS)] == []
    assert read_csv(content) == (CELLS, (CELLS, CELLS[::-1]))


def test_harmless_text_is_written_as_it_is() -> None:
    opened = list(csv.reader(io.StringIO(write_csv(HARMLESS, []).decode("utf-8-sig"))))
    assert opened == [list(HARMLESS)]


@pytest.mark.parametrize("number", ["-5", "+5", "-0.25", "-1e-9", "+12.5E3"])
def test_text_that_is_a_number_stays_one(number: str) -> None:
    content = write_csv(["n"], [[number]])
    assert content == BOM + b'"n"\r\n"' + number.encode() + b'"\r\n'
    assert read_csv(content)[1] == ((number,),)


@pytest.mark.parametrize("text", ["-5\n", "-5+1", "-", "+.", "-1e", "-٣", "--5", "-5 "])
def test_text_that_only_looks_like_a_number_is_guarded(text: str) -> None:
    assert write_csv(["n"], [[text]]).startswith(BOM + b'"n"\r\n"\'')
    assert read_csv(write_csv(["n"], [[text]]))[1] == ((text,),)


def test_numbers_are_written_without_quotes_and_none_as_an_empty_cell() -> None:
    assert write_csv(["a", "b", "c"], [[-5, 0.25, None]]) == BOM + b'"a","b","c"\r\n-5,0.25,""\r\n'


def test_a_semicolon_cannot_cut_a_cell_in_two_behind_the_guard() -> None:
    assert b'"a;=1+1"' in write_csv(["n"], [["a;=1+1"]])


def test_excel_is_told_that_the_text_is_utf_8() -> None:
    assert write_csv(["이름"], []).startswith(b"\xef\xbb\xbf")


def test_a_file_name_that_is_no_text_is_written_out() -> None:
    content = write_csv(["n"], [["photo\udcff.jpg"]])
    assert read_csv(content)[1] == (("photo\\udcff.jpg",),)


@pytest.mark.parametrize("content", [b"", BOM, b"\xff\xfe\x00", b'"a","b\r\n'])
def test_what_is_no_csv_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"csv\.broken"):
        read_csv(content)
