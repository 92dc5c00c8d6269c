"""Sentences, numbers and the choice of language."""

from datetime import UTC, date, datetime

from core.errors import MissingPackage, MustWait
from core.messages import describe, pick_language, translator


def test_an_error_is_one_sentence_in_each_language() -> None:
    error = MissingPackage(package="tensorflow")
    assert describe(error, "en") == "tensorflow is not installed. Run `make install` once, then try again."
    assert "tensorflow이(가) 설치되어" in describe(error, "ko")


def test_numbers_are_written_as_people_write_them() -> None:
    words = translator("ko")
    assert words.percent(0.625) == "62%"
    assert words.percent(0.0275, 1) == "2.8%"
    assert words.distance(432.0) == "430 m"
    assert words.distance(1520.0) == "1.5 km"


def test_a_month_is_written_without_a_day() -> None:
    assert translator("ko").month(date(2022, 8, 1)) == "2022년 8월"
    assert translator("en").month(date(2022, 8, 1)) == "August 2022"


def test_the_first_spoken_language_wins() -> None:
    assert pick_language([None, "fr-FR", "en_US", "ko"]) == "en"
    assert pick_language(["ko-KR"]) == "ko"
    assert pick_language([None, ""]) == "ko"


def test_a_moment_that_an_error_names_is_written_by_the_clock_of_this_machine() -> None:
    until = datetime(2026, 11, 23, 5, 5, tzinfo=UTC)
    said = describe(MustWait(host="api.example", until=until.isoformat()), "en")
    assert translator("en").moment(until.astimezone()) in said and "T05:05" not in said
    assert "2026-02-31T05:05:00+00:00" in describe(MustWait(host="x", until="2026-02-31T05:05:00+00:00"), "en")


def test_values_are_never_read_as_a_pattern() -> None:
    assert "{evil}" in translator("en")("error.package.missing", package="{evil}")
