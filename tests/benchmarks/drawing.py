"""How long a box takes from letting go of the mouse to "Saved", with 20,000 boxes in the database.

`python -m tests.benchmarks.drawing` starts the app with a library of its own, and Chromium, and draws with the mouse.
"""

import statistics
import tempfile
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import sync_playwright

from core.domain.label import Box, PhotoLabels
from core.domain.photo import PhotoRecord, PhotoStatus
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.driving import visitor
from tests.browser.label_driving import open_label
from tests.browser.server import running_app
from tests.pages.home import make_home
from tests.support.labelled import LabelShelf, open_label_shelf

PLACE = "manjanggul"
PHOTOS, BOXES_EACH, DRAWN = 1_000, 20, 40


def fill(shelf: LabelShelf) -> None:
    """Put 20,000 boxes on 1,000 photos."""
    label = shelf.labels.list(PLACE)[0].label_id
    for number in range(PHOTOS):
        sha256 = f"{number:064x}"
        facts = {"format": "JPEG", "width_px": 640, "height_px": 480, "size_bytes": 1, "perceptual_hash": ""}
        shelf.photos.add(PhotoRecord(sha256=sha256, place_slug=PLACE, status=PhotoStatus.ACCEPTED, **facts))
    boxes = [(0.01 * n, 0.2, 0.01 * n + 0.3, 0.6) for n in range(BOXES_EACH)]
    labelled = [
        PhotoLabels(f"{number:064x}", 0, tuple(Box(uuid4().hex, label, edges) for edges in boxes))
        for number in range(PHOTOS)
    ]
    shelf.boxes.save_many(labelled, "bench")


def main() -> None:
    """Draw, and print the times."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        environment = make_home(home)
        shelf = open_label_shelf(home)
        fill(shelf)
        photo = shelf.add(2_000, "cheonjiyeon")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        with running_app(home, environment) as app, visitor(browser) as page:
            canvas = open_label(page, app, photo)
            for number in range(DRAWN):
                left, top = 0.05 + 0.11 * (number % 8), 0.05 + 0.17 * (number // 8)
                canvas.drag((left, top, left + 0.08, top + 0.12))
                page.keyboard.press("Escape")
            times = sorted(canvas.ask("app.roundTrips"))
        browser.close()
        print(f"boxes saved: {len(shelf.boxes.get(photo).boxes)}; in the database: {PHOTOS * BOXES_EACH + DRAWN}")
    most = times[int(len(times) * 0.95)]
    print(f"from letting go to saved: median {statistics.median(times):.0f} ms, 95 % {most:.0f} ms")


if __name__ == "__main__":
    main()
