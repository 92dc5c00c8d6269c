"""The label page in a real browser: draw, move, resize, name, zoom, keys, touch; exact on upright photos."""

import io
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core.dataset.boxes import Edges
from core.domain.label import BoxOrigin, LabelDecision, NothingReason
from tests.browser.driving import choose, settle, visitor
from tests.browser.label_driving import ASK, Canvas, open_label
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import overflow_px
from tests.pages.home import make_home
from tests.support.labelled import HEIGHT, LANDMARK, WIDTH, LabelShelf, open_label_shelf

pytestmark = pytest.mark.browser
PLACE = "manjanggul"  # has two labels
NUMBERS = count(1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("label")


@pytest.fixture(scope="module")
def shelf(home: Path) -> LabelShelf:
    return open_label_shelf(home)


@pytest.fixture(scope="module")
def own(home: Path, shelf: LabelShelf, browser: Browser) -> Iterator[RunningApp]:
    """Start an app of its own: these tests fill its database."""
    with running_app(home, make_home(home)) as app:
        yield app


def choose_place(page: Page, name: str) -> None:
    choose(page, ".st-key-label-place [role=combobox], .st-key-label-place input", name)
    settle(page)


@pytest.fixture
def photo(shelf: LabelShelf) -> str:
    return shelf.add(next(NUMBERS), PLACE)


def edges(shelf: LabelShelf, sha256: str) -> list[Edges]:
    return [box.xyxyn for box in shelf.boxes.get(sha256).boxes]


def off_by_px(one: Edges, other: Edges) -> float:
    """Return how far two boxes differ at most, in pixels of the photo."""
    sizes = (WIDTH, HEIGHT, WIDTH, HEIGHT)
    return max(abs(a - b) * size for a, b, size in zip(one, other, sizes, strict=True))


def test_a_box_drawn_on_what_is_shown_fits_the_upright_photo_within_a_pixel_in_every_orientation(
    browser: Browser, own: RunningApp, shelf: LabelShelf
) -> None:
    turned = [shelf.add(next(NUMBERS), "jusangjeolli", orientation) for orientation in range(1, 9)]
    with visitor(browser) as page:
        canvas = open_label(page, own, turned[0])
        choose_place(page, "Jusangjeolli")
        for sha256 in turned:
            canvas.shows(sha256)
            assert colour_at(canvas, 0.44, 0.5)[0] > 180  # the landmark is where it is on the upright photo
            assert colour_at(canvas, 0.2, 0.2)[0] < 150 and colour_at(canvas, 0.7, 0.8)[0] < 150
            canvas.drag(LANDMARK)
            assert off_by_px(edges(shelf, sha256)[0], LANDMARK) < 1
            page.keyboard.press("n")


def colour_at(canvas: Canvas, x: float, y: float) -> tuple[int, int, int]:
    left, top = canvas.at(x, y)
    clip = {"x": left, "y": top, "width": 4, "height": 4}
    pixel = Image.open(io.BytesIO(canvas.page.screenshot(clip=clip))).convert("RGB").getpixel((2, 2))
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


@pytest.mark.parametrize("factor", [1, 1.5])
def test_coordinates_are_the_same_at_every_zoom_window_and_density(
    browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str, factor: float
) -> None:
    wanted = (0.46, 0.44, 0.52, 0.56)
    context = browser.new_context(viewport={"width": 1100, "height": 780}, device_scale_factor=factor)
    page = context.new_page()
    canvas = open_label(page, own, photo)
    for zoom, within_px in ((1, 1.0), (2, 0.5), (4, 0.25)):
        assert canvas.ask("app.view.zoom") == zoom
        canvas.drag((wanted[2], wanted[3], wanted[0], wanted[1]))  # from the right below to the left above
        assert off_by_px(edges(shelf, photo)[0], wanted) < within_px / canvas.ask("app.view.fitWidth / app.photo.width")
        page.set_viewport_size({"width": 1100 - 100 * zoom, "height": 780})
        canvas.press("Delete")
        page.mouse.move(*canvas.at(0.5, 0.5))
        page.keyboard.press("z")
    context.close()


def test_the_whole_way_of_a_box_by_mouse_and_keys(
    browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str
) -> None:
    first, second = (label.label_id for label in shelf.labels.list(PLACE))
    with visitor(browser) as page:
        canvas = open_label(page, own, photo)
        canvas.drag((0.1, 0.1, 0.3, 0.3))
        canvas.press("2")
        assert [box.label_id for box in shelf.boxes.get(photo).boxes] == [second]
        canvas.drag((0.2, 0.2, 0.5, 0.4))  # the chosen box moves
        assert off_by_px(edges(shelf, photo)[0], (0.4, 0.3, 0.6, 0.5)) < 2
        canvas.drag((0.6, 0.5, 0.7, 0.6))  # its corner follows
        assert off_by_px(edges(shelf, photo)[0], (0.4, 0.3, 0.7, 0.6)) < 2
        before = edges(shelf, photo)[0]
        canvas.press("ArrowRight", "Shift+ArrowDown")
        left, top, *_ = edges(shelf, photo)[0]
        pixel = 1 / canvas.ask("app.view.fitWidth")
        assert left - before[0] == pytest.approx(pixel) and top > before[1]
        canvas.press("Control+z")
        assert edges(shelf, photo)[0] == before  # both steps of the keys are one
        canvas.press("Delete")
        assert edges(shelf, photo) == []
        canvas.press("Control+z", "Escape")
        canvas.press("1")
        canvas.drag((0.75, 0.1, 0.9, 0.2))
        canvas.press("Control+z", "Control+Shift+z", "Control+z", "Control+y")
        assert [box.label_id for box in shelf.boxes.get(photo).boxes] == [second, first]
        canvas.press("Escape")
        canvas.click(0.82, 0.15)
        canvas.press("Backspace")
        assert [box.label_id for box in shelf.boxes.get(photo).boxes] == [second]
        assert page.locator(".canvas .boxes .line").count() == 1
        labelled = shelf.boxes.get(photo)
        assert labelled.boxes[0].origin is BoxOrigin.HAND and labelled.actor == "local"


def test_a_korean_keyboard_types_the_same_keys_and_a_field_keeps_its_own(
    browser: Browser, own: RunningApp, photo: str
) -> None:
    with visitor(browser) as page:
        canvas = open_label(page, own, photo)
        page.evaluate("window.dispatchEvent(new KeyboardEvent('keydown', {key: 'ㅋ', code: 'KeyZ'}))")
        page.evaluate("window.dispatchEvent(new KeyboardEvent('keydown', {key: 'ㅗ', code: 'KeyH'}))")
        assert canvas.ask("[app.view.zoom, app.hidden]") == [2, True]
        page.locator(".st-key-label-place input").click()
        page.keyboard.type("zh")
        assert canvas.ask("[app.view.zoom, app.hidden]") == [2, True]


def test_done_and_nothing_here_go_on_and_copy_takes_the_boxes_along(
    browser: Browser, own: RunningApp, shelf: LabelShelf
) -> None:
    place = "osulloc"
    first, second, third = (shelf.add(next(NUMBERS), place) for _ in range(3))
    with visitor(browser) as page:
        canvas = open_label(page, own, first)
        page.keyboard.press("Enter")  # without a box it asks why
        expect(page.get_by_text("Why is there nothing?")).to_be_visible()
        page.keyboard.press("Escape")
        canvas.drag((0.2, 0.2, 0.6, 0.7))
        choose_place(page, "Osulloc")
        canvas.shows(first)
        canvas.click(0.95, 0.95)  # keys belong to the list of places until something else has the focus
        canvas.press("Enter")
        canvas.shows(second)
        assert shelf.boxes.get(first).decision is LabelDecision.DONE
        settle(page)  # the photo before comes with the page's own run
        page.wait_for_function(f"() => ({ASK})('app.previous.length') === 1")
        canvas.press("c")
        assert edges(shelf, second) == edges(shelf, first)
        page.keyboard.press("0")
        expect(page.get_by_text("The boxes on this photo (1) are removed.")).to_be_visible()
        page.keyboard.press("3")
        canvas.shows(third)
        labelled = shelf.boxes.get(second)
        assert (labelled.decision, labelled.reason) == (LabelDecision.NOTHING_HERE, NothingReason.PEOPLE)
        assert labelled.boxes == ()
        settle(page)
        page.keyboard.press("ArrowLeft")
        canvas.shows(second)
        expect(page.get_by_text("Nothing here: People only")).to_be_visible()
        expect(page).to_have_url(f"{own.url}/label?lang=en&photo={second}")


def test_a_fault_keeps_a_photo_open_until_one_click_repairs_it(
    browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str
) -> None:
    with visitor(browser) as page:
        canvas = open_label(page, own, photo)
        canvas.drag((0.2, 0.2, 0.6, 0.7))
        canvas.press("Escape")
        canvas.drag((0.8, 0.8, 0.809, 0.809))
        page.keyboard.press("Enter")
        repair = page.get_by_role("button", name="Repair")
        expect(repair).to_be_visible()
        canvas.saved()
        assert canvas.shown == photo and shelf.boxes.get(photo).decision is LabelDecision.OPEN
        repair.click()
        canvas.saved()
        assert len(edges(shelf, photo)) == 1
        page.keyboard.press("Enter")
        page.wait_for_function("sha => !location.search.includes(sha)", arg=photo)
        assert shelf.boxes.get(photo).decision is LabelDecision.DONE


@pytest.mark.parametrize(("width", "scheme", "language"), [(390, "light", "ko"), (1280, "dark", "en")])
def test_it_fits_the_window_in_both_languages(
    browser: Browser,
    own: RunningApp,
    photo: str,
    save_picture: Callable[..., None],
    width: int,
    scheme: str,
    language: str,
) -> None:
    with visitor(browser, width, scheme) as page:
        canvas = open_label(page, own, photo, f"lang={language}")
        canvas.drag((0.2, 0.2, 0.7, 0.8))
        assert overflow_px(page) <= 0
        stage = page.locator(".stage").bounding_box()
        assert stage is not None and stage["x"] >= 0 and stage["x"] + stage["width"] <= width
        small = page.locator(".canvas button:visible").evaluate_all(
            "all => all.map(b => b.getBoundingClientRect()).filter(r => r.width < 40 || r.height < 40).length"
        )
        assert small == 0
        save_picture(page)


def test_a_finger_draws_and_two_fingers_zoom(browser: Browser, own: RunningApp, shelf: LabelShelf, photo: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    canvas = open_label(page, own, photo)
    page.locator(".stage").scroll_into_view_if_needed()
    touch = context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", canvas.at(0.2, 0.2))
    send("touchMove", canvas.at(0.4, 0.5))
    send("touchMove", canvas.at(0.6, 0.7))
    send("touchEnd")
    canvas.saved()
    assert off_by_px(edges(shelf, photo)[0], (0.2, 0.2, 0.6, 0.7)) < 4
    a, b = canvas.at(0.45, 0.5), canvas.at(0.55, 0.5)
    send("touchStart", a)
    send("touchStart", a, b)
    send("touchMove", (a[0] - 40, a[1]), (b[0] + 40, b[1]))
    send("touchEnd")
    assert canvas.ask("app.view.zoom") > 2
    assert len(edges(shelf, photo)) == 1  # the first of the two fingers drew nothing
    context.close()
