"""Editing places in a real browser: the map by mouse and keyboard, on a phone, and names that try to do harm."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.db.places import PlaceRepository
from core.db.ready import ready_database
from core.domain.place import LocalText
from core.settings import REPOSITORY
from tests.browser.canary import canary
from tests.browser.driving import settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import overflow_px
from tests.pages.home import make_home

pytestmark = pytest.mark.browser
PICTURE = ".picture"
SAVE = "[class*=st-key-place-][class*=-save] button"


@pytest.fixture(scope="module")
def own_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An app whose places may be changed."""
    home = tmp_path_factory.mktemp("places")
    with running_app(home, make_home(home)) as started:
        yield started


def places_of(home: Path) -> PlaceRepository:
    return PlaceRepository(
        ready_database(f"sqlite:///{home / 'data' / 'eodi.sqlite3'}", REPOSITORY / "data" / "catalogue")
    )


def open_editor(page: Page, app: RunningApp, slug: str, language: str = "en") -> None:
    page.goto(f"{app.url}/places?place={slug}&do=edit&lang={language}")
    page.wait_for_selector(f"{PICTURE} .pin")
    settle(page)


def degrees(page: Page, slug: str) -> tuple[float, float]:
    def value(name: str) -> float:
        return float(page.locator(f".st-key-place-{slug}-{name} input").input_value())

    return value("latitude"), value("longitude")


def click_map(page: Page, right: float, down: float) -> None:
    """Click at a fraction of the map's width and height."""
    box = page.locator(PICTURE).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)


def until_moved(page: Page, slug: str, before: tuple[float, float]) -> tuple[float, float]:
    for _ in range(100):
        if degrees(page, slug) != before:
            settle(page)
            return degrees(page, slug)
        page.wait_for_timeout(100)
    raise AssertionError(f"the numbers stayed at {before}")


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ko", 390, "dark")])
def test_a_click_on_the_map_moves_the_numbers_and_the_keyboard_moves_the_pin(
    browser: Browser,
    own_app: RunningApp,
    save_picture: Callable[..., None],
    language: str,
    width: int,
    scheme: str,
) -> None:
    with visitor(browser, width, scheme) as page:
        open_editor(page, own_app, "osulloc", language)
        first = degrees(page, "osulloc")
        page.locator(PICTURE).scroll_into_view_if_needed()
        click_map(page, 0.5, 0.5)
        clicked = until_moved(page, "osulloc", first)
        assert 33.1 < clicked[0] < 33.6 and 126.1 < clicked[1] < 127.0
        page.keyboard.press("ArrowRight")
        east = until_moved(page, "osulloc", clicked)
        assert east[1] > clicked[1] and east[0] == pytest.approx(clicked[0], abs=1e-5)
        page.keyboard.press("ArrowUp")
        north = until_moved(page, "osulloc", east)
        assert north[0] > east[0]
        buttons = page.locator(".buttons button").evaluate_all("bs => bs.map(b => b.getBoundingClientRect().height)")
        assert min(buttons) >= 40 and overflow_px(page) <= 0
        save_picture(page)


def test_a_number_moves_the_pin_and_saving_keeps_the_position(browser: Browser, own_app: RunningApp) -> None:
    with visitor(browser) as page:
        open_editor(page, own_app, "manjanggul")
        before = pin_at(page)
        field = page.locator(".st-key-place-manjanggul-latitude input")
        field.fill("33.25")
        field.press("Enter")
        settle(page)
        page.wait_for_timeout(500)
        assert pin_at(page)[1] > before[1] + 20
        page.locator(SAVE).click()
        expect(page.locator("h1")).to_have_text("Manjanggul")
        expect(page.locator("[data-testid=stAlert]")).to_have_count(1)
    position = places_of(own_app.home).get("manjanggul").position
    assert position is not None and position.latitude == 33.25


def pin_at(page: Page) -> tuple[float, float]:
    """Return where the pin's top left corner is on the map, in pixels."""
    pin, picture = page.locator(".pin").bounding_box(), page.locator(PICTURE).bounding_box()
    assert pin is not None and picture is not None
    return pin["x"] - picture["x"], pin["y"] - picture["y"]


def drag(page: Page, x: float, y: float, dx: float) -> None:
    """Drag on the map from a point, in pixels of the map."""
    page.locator(PICTURE).scroll_into_view_if_needed()
    box = page.locator(PICTURE).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    page.mouse.move(box["x"] + x + dx, box["y"] + y, steps=4)
    page.mouse.up()


def test_the_pin_can_be_dragged_and_the_map_too(browser: Browser, own_app: RunningApp) -> None:
    with visitor(browser) as page:
        open_editor(page, own_app, "osulloc")
        first = degrees(page, "osulloc")
        x, y = pin_at(page)
        drag(page, x + 8, y + 10, 52)
        dragged = until_moved(page, "osulloc", first)
        assert dragged[1] > first[1] + 0.02 and dragged[0] == pytest.approx(first[0], abs=2e-3)
        x, _ = pin_at(page)
        drag(page, 20, 200, 60)
        page.wait_for_timeout(600)
        assert pin_at(page)[0] == pytest.approx(x + 60, abs=2) and degrees(page, "osulloc") == dragged


def test_names_on_the_map_and_in_the_form_are_shown_as_they_are(browser: Browser, own_app: RunningApp) -> None:
    with canary() as bird, visitor(browser) as page:
        harm = f"<img src={bird.url}/tag onerror=window.__xss=1>![]({bird.url}/image)<script>window.__xss=1</script>"
        places = places_of(own_app.home)
        text = LocalText(harm, harm)
        for slug in ("cheonjiyeon", "jusangjeolli"):
            place = places.get(slug)
            places.update(replace(place, name=text, summary=text, description=text, address=text, phone=harm))
        for slug in ("osulloc", "cheonjiyeon"):
            open_editor(page, own_app, slug)
            page.get_by_role("button", name="Zoom in").click()
            page.wait_for_timeout(500)
            assert page.evaluate("window.__xss") is None
        assert harm in page.locator("h1").inner_text().replace("\u2060", "")
        page.goto(f"{own_app.url}/places?do=files&lang=en")
        page.get_by_text("Take away").wait_for()
        settle(page)
        assert page.evaluate("window.__xss") is None and bird.heard == []


def test_the_map_asks_for_no_tiles_unless_the_operator_named_a_server(browser: Browser, tmp_path: Path) -> None:
    with canary() as bird:
        tiles = {"EODI_TILE_URL": f"{bird.url}/{{z}}/{{x}}/{{y}}.png", "EODI_TILE_CREDIT": "<b>Maps</b> by us"}
        with running_app(tmp_path, {**make_home(tmp_path), **tiles}) as app, visitor(browser) as page:
            open_editor(page, app, "osulloc")
            page.wait_for_selector(".tiles img", state="attached")
            expect(page.locator(".credit")).to_have_text("<b>Maps</b> by us")
            page.wait_for_timeout(500)
        assert bird.heard and all(line.startswith("GET /") and ".png" in line for line in bird.heard)
