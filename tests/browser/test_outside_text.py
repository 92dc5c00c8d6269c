"""Text that came from outside is shown as it is: nothing runs, nothing calls out."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.db.places import PlaceRepository
from core.db.ready import ready_database
from core.domain.place import LocalText, PlacePicture, PlaceStatus
from core.settings import REPOSITORY
from tests.browser.canary import Canary, canary
from tests.browser.driving import give, open_start, said, settle, visitor
from tests.browser.server import RunningApp, running_app
from tests.pages.home import GREY, RED, coloured_jpeg, make_home

pytestmark = pytest.mark.browser


def payloads(bird: Canary) -> list[str]:
    """Return a payload for each of the fields, and for the two that are left over."""
    url = bird.url
    return [
        f"![]({url}/image)",
        f"[![]({url}/linked)]({url}/x)",
        f"<img src={url}/tag onerror=window.__xss=1>",
        "<script>window.__xss=1</script>",
        f"<svg onload=fetch('{url}/svg')>",
        "[x](javascript:window.__xss=1)",
        f"[x](data:text/html,<img src={url}/data>)",
        ":red[x] :material/home: :streamlit: $\\href{x}{y}$ {{7*7}} &lt;b&gt; **x** `y` ~~z~~ | a | b |",
        f"    ![]({url}/indented)",
        f"# heading\n\n1. list\n\n![]({url}/second)",
        f"![a][b]\n\n[b]: {url}/reference",
        "a\u202e\u200bgpj.exe",
        f"{url[:7]}<b>x</b>",
        f"</style><img src={url}/style>",
    ]


def poison(home: Path, texts: list[str]) -> None:
    """Write payloads into every text of the place that red photos show."""
    database = ready_database(f"sqlite:///{home / 'data' / 'eodi.sqlite3'}", REPOSITORY / "data" / "catalogue")
    places = PlaceRepository(database)
    place = places.get("osulloc")
    local = [LocalText(text, text) for text in texts]
    status = PlaceStatus(place.status.state, local[4], place.status.as_of, texts[5])
    picture = PlacePicture("osulloc.webp", texts[6], texts[7], "javascript:window.__xss=1")
    places.update(
        replace(
            place,
            name=local[0],
            summary=local[1],
            description=local[2],
            address=local[3],
            status=status,
            picture=picture,
            phone=texts[8],
        )
    )
    database.dispose()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """Start an app whose catalogue may be poisoned."""
    home = tmp_path_factory.mktemp("outside")
    (home / "data").mkdir()
    with running_app(home, make_home(home)) as app:
        yield app


@pytest.mark.parametrize("turn", [0, 5, 10])
def test_text_from_outside_runs_nothing_calls_nobody_and_shows_as_it_is(
    browser: Browser, own: RunningApp, turn: int
) -> None:
    with canary() as bird, visitor(browser) as page:
        every = payloads(bird)
        texts = [every[(turn + place) % len(every)] for place in range(10)]
        poison(own.home, texts)
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        open_start(page, f"{own.url}/?lang=en")
        welcome = said(page)
        give(page, coloured_jpeg(RED), name=f"{texts[9]}.jpg")
        expect(page.locator("h2")).to_be_visible()
        settle(page)
        answer = said(page)
        give(page, coloured_jpeg(GREY), name="grey.jpg")
        expect(page.locator("h2", has_text="None of the places")).to_be_visible()
        settle(page)
        page.wait_for_timeout(500)
        assert bird.heard == []
        assert dialogs == []
        assert page.evaluate("window.__xss") is None
        assert page.locator("a[href^=javascript], a[href^=data]").count() == 0
    for shown, fields in ((welcome, texts[:2]), (answer, texts[2:9])):
        for line in filter(None, visible("\n".join(fields)).splitlines()):
            assert line in visible(shown), line


def visible(text: str) -> str:
    """Return what can be seen of a text: no marks of direction, no joiners, no indentation."""
    seen = re.sub("[\u202e\u2060]", "", text)
    return "\n".join(line.strip() for line in seen.splitlines())
