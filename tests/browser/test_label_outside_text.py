"""Names of labels and of files come from outside: on the label page they run nothing, call nobody, show as they are."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from core.domain.place import LocalText
from tests.browser.canary import canary
from tests.browser.driving import settle, visitor
from tests.browser.label_driving import open_label
from tests.browser.server import running_app
from tests.browser.test_outside_text import payloads, visible
from tests.pages.home import make_home
from tests.support.labelled import open_label_shelf

pytestmark = pytest.mark.browser
PLACE = "manjanggul"


def test_hostile_names_of_labels_and_files_are_shown_and_do_nothing(browser: Browser, tmp_path: Path) -> None:
    environment = make_home(tmp_path)
    shelf = open_label_shelf(tmp_path)
    with canary() as bird, running_app(tmp_path, environment) as app, visitor(browser) as page:
        texts = payloads(bird)
        for label in shelf.labels.list(PLACE):
            shelf.labels.retire(label.label_id)
        for number, text in enumerate(texts[:9]):
            shelf.labels.add(PLACE, f"hostile-{number}", LocalText(text[:200], text[:200]))
        photo = shelf.add(1, PLACE, original_name=texts[9], author=texts[0], licence=texts[1])
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        canvas = open_label(page, app, photo)
        for number in range(3):
            canvas.press(str(number + 1))
            canvas.drag((0.1 + 0.2 * number, 0.2, 0.25 + 0.2 * number, 0.6))
            page.keyboard.press("Escape")
        shown = page.locator(".canvas").inner_text()
        for view in ("parts", "quality", "files"):
            page.goto(f"{app.url}/label?lang=en&view={view}")
            page.wait_for_selector(".st-key-label-head")
            settle(page)
        page.wait_for_timeout(500)
        assert bird.heard == [] and dialogs == []
        assert page.evaluate("window.__xss") is None
    squeezed = "".join(visible(shown).split())
    for text in [*texts[:9], texts[9]]:
        assert "".join(visible(text[:200]).split()) in squeezed, text
