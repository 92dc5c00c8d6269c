"""What the detector found, laid over the photo on the start page; and many photos with their boxes, to take away."""

import io
import zipfile
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.driving import give, give_many, open_start, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.browser.test_identify import looks
from tests.pages.home import make_home

pytestmark = pytest.mark.browser
CORNER = (0, 0, 256, 256)  # of a photo of 1024 x 768: two cells of the tiny detector's input


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[RunningApp]:
    """Start an app with a detector in service."""
    home = tmp_path_factory.mktemp("boxes")
    with running_app(home, make_home(home, detector=True)) as app:
        yield app


def photo_with_red_corner() -> bytes:
    picture = Image.new("RGB", (1024, 768), (128, 128, 128))
    picture.paste((255, 0, 0), CORNER)
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def test_boxes_lie_where_they_belong_at_every_width(
    browser: Browser, own: RunningApp, save_picture: Callable[..., None]
) -> None:
    with visitor(browser) as page:
        open_start(page, f"{own.url}/?lang=en")
        give(page, photo_with_red_corner(), "corner.png", "image/png")
        expect(page.locator(".boxes .found")).to_have_count(1)
        for look in looks(page):
            save_picture(page, look)
            picture = page.locator(".st-key-photo-shown img").bounding_box()
            line = page.locator(".boxes .layer .line").bounding_box()
            assert picture is not None and line is not None
            assert line["x"] == pytest.approx(picture["x"], abs=3)
            assert line["y"] == pytest.approx(picture["y"], abs=3)
            assert line["width"] == pytest.approx(picture["width"] / 4, abs=4)


def test_boxes_can_be_hidden_and_faint_ones_asked_for(browser: Browser, own: RunningApp) -> None:
    with visitor(browser) as page:
        open_start(page, f"{own.url}/?lang=en")
        give(page, photo_with_red_corner(), "corner.png", "image/png")
        expect(page.locator(".boxes .found")).to_contain_text("Stone tower")
        page.locator(".boxes .toggle input").uncheck()
        expect(page.locator(".boxes .layer")).to_be_hidden()
        page.locator(".boxes .toggle input").check()
        page.locator(".boxes input[type=range]").fill("0.95")
        expect(page.locator(".boxes .found")).to_have_count(1)  # it is surer than that
        page.locator(".boxes .found").hover()
        expect(page.locator(".boxes .layer .pointed")).to_have_count(1)


def test_many_photos_are_shown_and_taken_away_with_their_boxes(
    browser: Browser, own: RunningApp, save_picture: Callable[..., None]
) -> None:
    with visitor(browser) as page:
        open_start(page, f"{own.url}/?lang=en")
        give_many(page, {"돌탑 1.jpg": photo_with_red_corner(), "../b.jpg": photo_with_red_corner()})
        page.get_by_text("Pictures with what was found").click()
        settle(page)
        save_picture(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download the pictures").click()
        with zipfile.ZipFile(str(download.value.path())) as archive:
            assert archive.namelist() == ["001-돌탑 1.jpg", "002-b.jpg"]
            picture = Image.open(io.BytesIO(archive.read("001-돌탑 1.jpg"))).convert("RGB")
        assert picture.size == (1024, 768)
        assert framed(picture)


def framed(picture: Image.Image) -> bool:
    """Whether the label's orange frame stands at the right edge of the corner."""
    red, green, blue = picture.getpixel((254, 200))  # type: ignore[misc]
    return red > 180 and 110 < green < 200 and blue < 90
