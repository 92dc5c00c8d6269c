"""What a person does on the label page with a real mouse and keyboard, and what the canvas says of itself."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page, expect

from core.dataset.boxes import Edges
from tests.browser.driving import settle
from tests.browser.server import RunningApp

READY = ".canvas:not(.loading) .stage"
SAVED = ".save[data-state=saved]"
ASK = """question => {
  const host = [...document.querySelectorAll('*')].find(node => node.shadowRoot?.querySelector('.canvas'));
  const app = host?.shadowRoot.querySelector('.canvas').boxCanvas;
  return app ? new Function('app', 'return ' + question)(app) : null;
}"""


@dataclass(frozen=True)
class Canvas:
    """The canvas of a page."""

    page: Page

    def ask(self, question: str) -> Any:
        """Return the value of an expression about `app`, the canvas's own state."""
        return self.page.evaluate(ASK, question)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the photo, in fractions, lies in the window."""
        bounds = self.page.locator(".stage").bounding_box()
        assert bounds is not None
        left, top = self.ask(f"toStage(app.view, [{x}, {y}])".replace("toStage", TO_STAGE))
        return bounds["x"] + left, bounds["y"] + top

    def drag(self, box: Edges, wait: bool = True) -> None:
        """Drag from one corner of a box to the other, right to left when it is given so."""
        start = self.at(*box[:2])
        mouse = self.page.mouse
        mouse.move(*start)
        while (now := self.at(*box[:2])) != start:  # a page that is not settled yet moves the photo
            start = now
            mouse.move(*start)
        end = self.at(*box[2:])
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=2)
        mouse.move(*end, steps=2)
        mouse.up()
        if wait:
            self.saved()

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))

    def press(self, *keys: str) -> None:
        """Press keys one after the other, and wait until what they did is saved."""
        for key in keys:
            self.page.keyboard.press(key)
        self.saved()

    def saved(self) -> None:
        """Wait until nothing is left to save."""
        self.page.wait_for_function(f"() => ({ASK})('!app.underWay && Object.keys(app.wishes).length === 0')")
        expect(self.page.locator(SAVED)).to_be_visible()

    def shows(self, sha256: str) -> None:
        """Wait until a photo is shown."""
        self.page.wait_for_function(f"() => ({ASK})('app.photo?.sha') === '{sha256}'")
        self.page.wait_for_selector(READY)

    @property
    def shown(self) -> str:
        return str(self.ask("app.photo?.sha ?? ''"))


TO_STAGE = "((view, [x, y]) => [view.x + x * view.fitWidth * view.zoom, view.y + y * view.fitHeight * view.zoom])"


def open_label(page: Page, app: RunningApp, sha256: str = "", query: str = "lang=en") -> Canvas:
    """Open the label page at a photo, or at the next in order."""
    page.goto(f"{app.url}/label?{query}" + (f"&photo={sha256}" if sha256 else ""))
    page.wait_for_selector(READY)
    settle(page)
    canvas = Canvas(page)
    if sha256:
        canvas.shows(sha256)
    return canvas


def another_browser(browser: Browser) -> Page:
    """Open a window of somebody else, who shares no cookie."""
    return browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
