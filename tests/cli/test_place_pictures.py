"""`places fetch-pictures`: what is chosen, kept and set, against a server that plays Commons and Openverse."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.cli import compose, place_pictures
from core.crawl.tools import CrawlTools
from core.db.places import PlaceRepository
from core.domain.library import RejectReason
from core.domain.photo import PhotoRecord, PhotoStatus
from core.domain.place import Place, PlacePicture, Position
from tests.cli.conftest import call
from tests.support import recorded
from tests.support.crawls import tools_at
from tests.support.portal import Answer, Portal, photo_bytes, running_portal

SIZE = (1280, 720)


@pytest.fixture
def portal(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal with wide photos, and a command that asks it; of the places only the cave lacks a picture."""
    with running_portal() as running:
        running.photo_size = SIZE

        def tools() -> CrawlTools:
            return tools_at(compose.database(), compose.library(), data_dir, running.url)

        monkeypatch.setattr(place_pictures, "crawl_tools", tools)
        set_picture("manjanggul", None)
        yield running


def places() -> PlaceRepository:
    return PlaceRepository(compose.database())


def set_picture(slug: str, picture: PlacePicture | None) -> None:
    places().update(replace(places().get(slug), picture=picture))


def cave() -> Place:
    return places().get("manjanggul")


def photo(sha256: str) -> PhotoRecord:
    return compose.library().photos.get(sha256)


def fetch(*options: str) -> list[dict[str, Any]]:
    outcomes: list[dict[str, Any]] = json.loads(call("places", "fetch-pictures", "--json", *options).stdout)
    return outcomes


def offer(portal: Portal, source: str, numbers: list[int], **changes: Any) -> None:
    """Let a source have these photos, with its facts about each of them changed."""
    _, _, body = recorded.render(source, "만장굴", 1, [portal.photo_url(number) for number in numbers], 1)
    answer = json.loads(body)
    items = answer["query"]["pages"] if "query" in answer else answer["results"]
    for item in items:
        facts = item["imageinfo"][0] if "imageinfo" in item else item
        item.update({name: value for name, value in changes.items() if name in item})
        facts.update({name: value for name, value in changes.items() if name in facts})
        facts.get("extmetadata", {}).update({n: {"value": v} for n, v in changes.items() if n[0].isupper()})
        item["title"] = changes.get("title", item["title"])
    portal.put(f"/{source}{recorded.PATHS[source]}", Answer(200, json.dumps(answer).encode(), "application/json"))


def test_a_place_without_a_picture_gets_one_with_author_licence_and_page(portal: Portal) -> None:
    portal.offer("commons-search", [1, 2])
    (outcome,) = fetch()
    assert (outcome["place"], outcome["outcome"], outcome["source"]) == ("manjanggul", "waits", "commons-search")
    assert (outcome["width_px"], outcome["height_px"]) == SIZE
    kept = photo(outcome["sha256"])
    assert (kept.place_slug, kept.status, kept.source) == ("manjanggul", PhotoStatus.NEW, "commons-search")
    assert (kept.author, kept.licence, kept.page_url) == (outcome["author"], "CC BY-SA 4.0", outcome["page_url"])
    assert cave().picture == PlacePicture(f"library:{kept.sha256}", kept.author, kept.licence, kept.page_url)
    assert portal.photos_asked() == [1]
    assert fetch() == []


def test_accepting_is_said_and_asked_for(portal: Portal) -> None:
    portal.offer("commons-search", [1])
    done = call("places", "fetch-pictures", "--accept")
    assert "CC BY-SA 4.0" in done.stdout and "Tester" in done.stdout
    picture = cave().picture
    assert picture is not None
    sha256 = picture.file.removeprefix("library:")
    assert photo(sha256).status is PhotoStatus.ACCEPTED
    assert [event.actor for event in compose.library().review.history(sha256)] == ["local", "local"]


def test_a_dry_run_names_the_choice_and_stores_nothing(portal: Portal) -> None:
    portal.offer("commons-search", [1])
    (outcome,) = fetch("--dry-run")
    assert outcome["outcome"] == "found" and "sha256" not in outcome
    assert cave().picture is None
    assert compose.library().photos.count() == 0


def test_a_picture_that_stands_is_left_until_the_new_one_may_be_seen(portal: Portal) -> None:
    standing = PlacePicture("manjanggul.webp", "Eodi", "AGPL-3.0")
    set_picture("manjanggul", standing)
    portal.offer("commons-search", [1])
    assert fetch("--place", "manjanggul") == []
    (outcome,) = fetch("--place", "manjanggul", "--replace")
    assert (outcome["outcome"], cave().picture) == ("kept", standing)
    call("photos", "accept", outcome["sha256"])
    (again,) = fetch("--place", "manjanggul", "--replace")
    assert again["outcome"] == "set"
    assert cave().picture != standing


@pytest.mark.parametrize(
    "changes",
    [
        {"LicenseShortName": "CC BY-NC 4.0"},
        {"LicenseShortName": "", "License": "", "UsageTerms": ""},
        {"Artist": "", "Credit": "", "user": ""},
        {"thumbwidth": 720, "thumbheight": 1280},
        {"thumbwidth": 800, "thumbheight": 600},
        {"thumbwidth": 4000, "thumbheight": 900},
        {"GPSLatitude": "37.5", "GPSLongitude": "127.0"},
        {"mime": "image/svg+xml"},
    ],
)
def test_what_cannot_stand_for_a_place_is_not_even_fetched(portal: Portal, changes: dict[str, Any]) -> None:
    offer(portal, "commons-search", [1], **changes)
    assert fetch() == [{"place": "manjanggul", "outcome": "none"}]
    assert portal.photos_asked() == []
    assert cave().picture is None


def test_a_photo_that_names_the_place_comes_before_nearer_ones_that_do_not(portal: Portal) -> None:
    offer(portal, "commons-search", [1], title="File:A bird.jpg")
    offer(portal, "commons-near", [2], title="File:Man-jang gul entrance.jpg", coordinates=[])
    (outcome,) = fetch()
    assert outcome["title"] == "Man-jang gul entrance.jpg"
    assert portal.photos_asked() == [2]


def test_dead_links_and_photos_smaller_than_stated_are_passed_over(portal: Portal) -> None:
    portal.offer("commons-search", [1, 2, 3, 4])
    portal.put("/photo/1.jpg", Answer(404, photo_bytes(1, SIZE)))
    portal.put("/photo/2.jpg", Answer(200, b"<html>gone</html>"))
    portal.put("/photo/3.jpg", Answer(200, photo_bytes(3, (640, 360))))
    (outcome,) = fetch()
    assert photo(outcome["sha256"]).width_px == SIZE[0]
    assert portal.photos_asked() == [1, 2, 3, 4]


def test_a_photo_that_review_rejected_is_not_taken_again(portal: Portal) -> None:
    portal.offer("commons-search", [1, 2])
    (first,) = fetch()
    compose.library().review.reject([first["sha256"]], RejectReason.WRONG_PLACE, "", "tester")
    (second,) = fetch("--replace", "--place", "manjanggul", "--accept")
    assert second["sha256"] != first["sha256"]
    assert photo(first["sha256"]).status is PhotoStatus.REJECTED


def test_openverse_serves_where_commons_has_nothing(portal: Portal) -> None:
    offer(portal, "openverse", [7], width=1280, height=720)
    (outcome,) = fetch()
    assert (outcome["source"], outcome["licence"]) == ("openverse", "CC BY-SA 2.0")


def test_nothing_found_is_said_and_sources_that_do_not_answer_fail(portal: Portal) -> None:
    assert "no freely licensed photo" in call("places", "fetch-pictures").stdout
    for source in ("commons-search", "commons-near", "openverse"):
        portal.put(f"/{source}{recorded.PATHS[source]}", Answer(403, b"<html>no</html>", "text/html"))
    failed = call("places", "fetch-pictures")
    assert failed.exit_code == 1
    assert "openverse" in failed.stderr


def test_a_place_without_a_position_is_searched_by_its_names_alone(portal: Portal) -> None:
    places().update(replace(cave(), position=None))
    portal.offer("commons-near", [1])
    assert fetch() == [{"place": "manjanggul", "outcome": "none"}]
    places().update(replace(cave(), position=Position(33.5283, 126.7714)))
    assert fetch()[0]["outcome"] == "waits"
