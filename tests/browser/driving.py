"""What a visitor does in the browser: open the start page, give it a file, read what it says."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, FilePayload, Page
from playwright.sync_api import TimeoutError as Impatience

DROPZONE = "[data-testid=stFileUploaderDropzoneInput]"
READY = "[data-testid=stFileUploaderDropzone]"
PATIENCE_MS = 20_000
OPENINGS, OPEN_MS = 6, 3_000


@contextlib.contextmanager
def visitor(browser: Browser, width: int = 1280, scheme: str = "light", locale: str = "ko-KR") -> Iterator[Page]:
    """Open a browser window of a fresh visitor."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    try:
        yield page
    finally:
        context.close()


def open_start(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(READY)
    settle(page)


def give(page: Page, content: bytes, name: str = "photo.jpg", mime: str = "image/jpeg") -> None:
    page.set_input_files(DROPZONE, FilePayload(name=name, mimeType=mime, buffer=content))


def give_many(page: Page, contents: dict[str, bytes]) -> None:
    payloads = [FilePayload(name=name, mimeType="image/jpeg", buffer=content) for name, content in contents.items()]
    page.set_input_files(DROPZONE, payloads)


def settle(page: Page) -> None:
    """Wait until no script runs and every picture has come."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_function("[...document.images].every(image => image.complete)")


def said(page: Page) -> str:
    """Return the text that can be seen."""
    text: str = page.inner_text("[data-testid=stMain]")
    return text


def css_words(page: Page, selector: str) -> str:
    """Return the words that the style sheet puts behind an element; empty when there are none."""
    content: str = page.evaluate("s => getComputedStyle(document.querySelector(s), '::after').content", selector)
    return "" if content in ("none", "normal") else content.strip('"')


def choose(page: Page, button: str, option: str) -> None:
    """Choose from a list; one that a redrawn page closed again is opened again, as a person would."""
    found = page.get_by_role("option", name=option)
    for _ in range(OPENINGS):
        page.locator(button).click()
        with contextlib.suppress(Impatience):
            found.click(timeout=OPEN_MS)
            return
    raise AssertionError(f"{option} could not be chosen")
