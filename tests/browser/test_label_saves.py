"""No box is lost: a reload in the middle, a killed server, somebody else's save; two people never meet on a photo."""

import os
import signal
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from core.dataset.boxes import Edges
from core.domain.label import Box, BoxOrigin
from tests.browser.driving import visitor
from tests.browser.label_driving import ASK, READY, open_label
from tests.browser.server import RunningApp, running_app
from tests.pages.home import make_home
from tests.support.labelled import LabelShelf, open_label_shelf

pytestmark = pytest.mark.browser
PLACE = "manjanggul"
NUMBERS = count(1)
FIVE: tuple[Edges, ...] = tuple((0.05 + 0.18 * n, 0.1 + 0.1 * n, 0.15 + 0.18 * n, 0.3 + 0.1 * n) for n in range(5))
OFFERING = ("-m", "tests.browser.serve_with_suggestions")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saves")


@pytest.fixture(scope="module")
def shelf(home: Path) -> LabelShelf:
    return open_label_shelf(home)


@pytest.fixture(scope="module")
def own(home: Path, shelf: LabelShelf, browser: Browser) -> Iterator[RunningApp]:
    with running_app(home, make_home(home)) as app:
        yield app


@pytest.fixture
def photo(shelf: LabelShelf) -> str:
    return shelf.add(next(NUMBERS), PLACE)


def standing(shelf: LabelShelf, sha256: str) -> list[Edges]:
    return [box.xyxyn for box in shelf.boxes.get(sha256).boxes]


def assert_all_there(found: list[Edges], wanted: tuple[Edges, ...]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, abs=0.003)


def test_five_boxes_with_a_reload_in_the_very_moment_of_the_third_are_all_there(
    browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str
) -> None:
    with visitor(browser) as page:
        canvas = open_label(page, own, photo)
        for box in FIVE[:2]:
            canvas.drag(box)
        canvas.drag(FIVE[2], wait=False)
        page.reload()
        page.wait_for_selector(READY)
        canvas.saved()
        assert len(canvas.ask("app.desk.boxes")) == 3
        for box in FIVE[3:]:
            canvas.drag(box)
        page.reload()
        page.wait_for_selector(READY)
        assert len(canvas.ask("app.desk.boxes")) == 5
    assert_all_there(standing(shelf, photo), FIVE)


def test_boxes_drawn_faster_than_they_are_saved_are_all_saved(
    browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str
) -> None:
    with visitor(browser) as page:
        canvas = open_label(page, own, photo)
        for box in FIVE:
            canvas.drag(box, wait=False)
        canvas.saved()
    assert_all_there(standing(shelf, photo), FIVE)


def test_what_the_server_never_acknowledged_is_sent_again_after_a_reload(
    browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str
) -> None:
    with visitor(browser) as page:
        canvas = open_label(page, own, photo)
        canvas.ask("app.setStateValue = () => {}")
        canvas.drag(FIVE[0], wait=False)
        expect(page.locator(".save[data-state=saving], .save[data-state=unsaved]")).to_be_visible()
        assert standing(shelf, photo) == []
        page.reload()
        page.wait_for_selector(READY)
        canvas.saved()
    assert_all_there(standing(shelf, photo), FIVE[:1])


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_no_acknowledged_box_is_lost_when_the_server_is_killed(
    browser: Browser, tmp_path: Path, soak_rounds: Callable[[int, int], int]
) -> None:
    home = tmp_path
    environment = make_home(home)
    shelf = open_label_shelf(home)
    lost = 0
    for number in range(soak_rounds(1, 20)):
        sha256 = shelf.add(number, PLACE)
        with visitor(browser) as page, running_app(home, environment) as app:
            canvas = open_label(page, app, sha256)
            canvas.drag(FIVE[0])
            os.kill(app.process.pid, signal.SIGKILL)
            lost += len(standing(shelf, sha256)) != 1
    assert lost == 0


def test_a_stale_save_is_refused_and_both_versions_are_shown_to_choose_from(
    browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str
) -> None:
    label = shelf.labels.list(PLACE)[0].label_id
    with visitor(browser) as page:
        canvas = open_label(page, own, photo)
        for choice, left in (("Keep both", 2), ("Keep what was saved", 1), ("Keep what is here", 1)):
            theirs = Box(uuid4().hex, label, (0.7, 0.7, 0.9, 0.9))
            shelf.boxes.save(photo, [theirs], shelf.boxes.get(photo).revision, "minji")
            canvas.drag(FIVE[0], wait=False)
            expect(page.get_by_text("minji saved this photo at")).to_be_visible()
            expect(page.locator(".overlay .dashed")).to_have_count(1)
            assert standing(shelf, photo) == [theirs.xyxyn]
            page.get_by_role("button", name=choice).click()
            canvas.saved()
            kept = standing(shelf, photo)
            assert len(kept) == left and (theirs.xyxyn in kept) == (choice != "Keep what is here")
            while canvas.ask("app.desk.boxes.length"):
                canvas.press("[", "Delete")


def test_two_people_never_get_the_same_photo_and_a_reload_keeps_ones_own(
    browser: Browser, own: RunningApp, shelf: LabelShelf
) -> None:
    two = {shelf.add(next(NUMBERS), "monsant-aewol") for _ in range(2)}
    with visitor(browser) as one, visitor(browser) as other:
        first = open_label(one, own, min(two))
        one.reload()
        first.shows(min(two))
        assert first.ask("app.photo.locked") is False
        second = open_label(other, own, min(two))
        expect(other.get_by_text("Somebody else is labelling this photo right now.")).to_be_visible()
        second.drag(FIVE[0], wait=False)
        assert standing(shelf, min(two)) == []
        other.keyboard.press("n")
        other.wait_for_function(f"() => ({ASK})('app.photo.sha') !== '{min(two)}'")
        assert second.shown != first.shown and second.ask("app.photo.locked") is False


def test_suggestions_are_dashed_taken_one_by_one_or_all_and_never_doubled(
    browser: Browser, home: Path, shelf: LabelShelf
) -> None:
    photos = [shelf.add(next(NUMBERS), "cheonjiyeon") for _ in range(2)]
    environment = {"EODI_DATA_DIR": str(home / "data"), "EODI_WEIGHTS_DIR": str(home / "weights")}
    with running_app(home, environment, OFFERING) as app, visitor(browser) as page:
        canvas = open_label(page, app, photos[0])
        expect(page.locator(".overlay .dashed")).to_have_count(2)
        canvas.click(0.35, 0.35)
        canvas.saved()
        expect(page.locator(".overlay .dashed")).to_have_count(1)
        assert origins(shelf, photos[0]) == [BoxOrigin.ACCEPTED]
        canvas.press("ArrowRight", "Escape")
        assert origins(shelf, photos[0]) == [BoxOrigin.CORRECTED]
        canvas.drag((0.61, 0.61, 0.9, 0.9))  # drawn over the other: it says nothing new any more
        expect(page.locator(".overlay .dashed")).to_have_count(0)
        open_label(page, app, photos[1]).press("a")
        assert origins(shelf, photos[1]) == [BoxOrigin.ACCEPTED] * 2


def origins(shelf: LabelShelf, sha256: str) -> list[BoxOrigin]:
    return [box.origin for box in shelf.boxes.get(sha256).boxes]
