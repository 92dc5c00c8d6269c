"""The photos page without a browser: what it draws, what the address may say, and what a grid's wishes do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.feedback import Feedback, Verdict
from core.domain.library import PhotoAction
from core.errors import NotFound
from tests.pages.visiting import open_app, words
from tests.support.reviewed import NOW, Shelf, open_shelf

PAGE = "pages/photos.py"


@pytest.fixture
def shelf(home: Path) -> Shelf:
    return open_shelf(home)


def test_without_photos_the_page_says_so_and_leads_to_the_import(shelf: Shelf) -> None:
    app = open_app(PAGE)
    assert not app.exception and not app.error
    assert "no photos yet" in app.info[0].value
    assert [button.label for button in app.button] == ["Import photos"]


def test_filters_that_match_nothing_can_be_cleared(shelf: Shelf) -> None:
    shelf.add(1, "manjanggul")
    app = open_app(PAGE, place="osulloc", status="rejected")
    assert "No photo matches" in words(app)
    next(b for b in app.button if b.label == "Clear filters").click().run()
    assert not app.info and "place" not in app.query_params
    shelf.library.review.accept([photo.sha256 for photo in shelf.library.photos.records()], "mina")
    assert "All done" in words(app.run())


@pytest.mark.parametrize(
    "address",
    [
        {"place": "' OR 1=1", "status": "🙂", "order": "x", "concern": "![](http://x)", "split": "train'"},
        {"page": "-1", "size": "5000", "at": "1e9"},
        {"page": "99999999", "view": "nothing", "source": "<script>", "licence": "a" * 4000},
        {"photo": "f" * 64},
        {"photo": "../../etc/passwd", "at": "٣"},
        {"photo": "만장굴"},
    ],
)
def test_an_address_that_says_nonsense_is_borne(shelf: Shelf, address: dict[str, str]) -> None:
    shelf.add(1, "manjanggul")
    app = open_app(PAGE, **address)
    assert not app.exception and not app.error
    if "photo" in address:
        assert "no such photo" in app.info[0].value


def test_everything_known_of_a_photo_is_shown_and_only_web_pages_are_links(shelf: Shelf) -> None:
    facts = {"author": "Kim Min-ji", "licence": "CC BY 4.0", "sharpness": 12.0, "brightness": 0.7}
    sha256 = shelf.add(1, "manjanggul", page_url="https://example.org/a?b=1", taken_at=NOW, **facts)
    shelf.think(sha256, "osulloc")
    shelf.library.review.accept([sha256], "mina")
    said = words(open_app(PAGE, photo=sha256))
    for text in ("Manjanggul", "Accepted", "IMG_0001.jpg", "Kim Min-ji", "CC BY 4.0", "64 × 48", "blurry, bright"):
        assert text in said, text
    assert "CNN: Osulloc Tea Museum 83%" in said and "mina" in said
    assert "(<https://example.org/a?b=1>)" in said
    bad = shelf.add(2, "manjanggul", page_url="javascript:alert(1)")
    assert "](<" not in words(open_app(PAGE, photo=bad))


def test_a_photo_whose_file_is_gone_is_still_described(shelf: Shelf) -> None:
    sha256 = shelf.add(1, "manjanggul")
    shelf.library.store.delete(sha256, "jpg")
    for address in ({"photo": sha256}, {}):
        app = open_app(PAGE, **address)
        assert not app.exception and not app.error


def test_what_the_visitor_said_stands_with_a_contributed_photo(shelf: Shelf) -> None:
    sha256 = shelf.add(1, "manjanggul", source="visitor", consent_at=NOW)
    said = Feedback("shipped:tiny", "osulloc", 0.8, Verdict.OTHER_PLACE, "manjanggul", sha256, {})
    shelf.feedback.add(said)
    assert "“Osulloc Tea Museum” is wrong, it is Manjanggul." in words(open_app(PAGE, photo=sha256))


def test_of_photos_that_look_the_same_one_is_kept_and_the_others_are_rejected(shelf: Shelf) -> None:
    first, second = shelf.add(1, "manjanggul"), shelf.add(2, "cheonjiyeon")
    shelf.library.photos.set_looks({first: "same", second: "same"})
    app = open_app(PAGE, photo=first)
    assert "Cheonjiyeon Falls" in words(app)
    app.button(key=f"keep-{second}").click().run()
    assert not app.exception
    kept, other = (shelf.library.photos.get(sha256) for sha256 in (second, first))
    assert (kept.status, other.status, other.reject_reason) == ("new", "rejected", "duplicate")


def test_deleting_a_photo_leaves_nothing_of_it(shelf: Shelf) -> None:
    sha256 = shelf.add(1, "manjanggul")
    app = open_app(PAGE, photo=sha256)
    app.button(key="delete-now").click().run()
    assert not app.exception and "photo" not in app.query_params
    with pytest.raises(NotFound):
        shelf.library.photos.get(sha256)
    assert not shelf.library.store.exists(sha256, "jpg") and shelf.library.thumbnails.get(sha256) is None


def wishing(asked: object) -> None:
    import streamlit as st

    from pages.ui import resources, review_state
    from pages.ui.frame import open_page
    from pages.ui.review_deeds import Desk, carry_out
    from pages.ui.review_filters import wanted_in_address
    from pages.ui.review_view import names_of

    with open_page("page.photos.title") as page:
        names = names_of(page.t, resources.places().list(include_retired=True))
        desk = Desk(page.t, names, lambda: wanted_in_address(""), review_state.memory())
        carry_out(desk, asked)
        notice = desk.memory.notice
        st.text(notice.text if notice else "")


@pytest.fixture
def wish(shelf: Shelf) -> Callable[..., AppTest]:
    """Return a function that lets a grid ask for actions, in the session of `app` if one is given."""

    def ask(*actions: Any, app: AppTest | None = None, client: str = "one", **address: str) -> AppTest:
        asking = AppTest.from_function(wishing, args=({"client": client, "actions": list(actions)},))
        for name, value in {"lang": "en", **address}.items():
            asking.query_params[name] = value
        if app is not None:
            asking.session_state["review"] = app.session_state["review"]
        asking.run()
        assert not asking.exception and not asking.error
        return asking

    return ask


def in_address(app: AppTest, name: str) -> str:
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def act(number: int, kind: str, **more: object) -> dict[str, object]:
    return {"number": number, "kind": kind, **more}


def test_each_action_is_carried_out_once_in_order_however_often_it_is_sent(
    shelf: Shelf, wish: Callable[..., AppTest]
) -> None:
    first, second = shelf.add(1, "manjanggul"), shelf.add(2, "manjanggul")
    one = act(1, "accept", shas=[first])
    app = wish(one)
    app = wish(one, act(2, "undo"), act(3, "reject", shas=[second], reason="people", note="n"), app=app)
    said = app.text[0].value
    app = wish(act(2, "undo"), app=app)
    assert shelf.statuses([first, second]) == ["new", "rejected"]
    assert [event.action for event in shelf.library.review.history(first)] == [
        PhotoAction.UNDONE,
        PhotoAction.ACCEPTED,
    ]
    assert said == "1 rejected: Only people"
    wish(act(1, "undo"), app=app, client="another grid")
    assert shelf.statuses([first, second]) == ["new", "new"]


@pytest.mark.parametrize(
    "asked",
    [
        ["accept"],
        [act(1, "accept", shas=["x", None, 7, "' OR 1=1"])],
        [act(1, "move", shas=[], place={"a": 1})],
        [act(1, "open", sha=[1])],
        [act(1, "turn", to="2")],
        [act(1, "turn", to=-5)],
        [act(1, "nothing"), None, 3, {"number": "1"}],
        [act(1, "accept", shas=None)],
    ],
)
def test_what_is_no_action_changes_nothing(shelf: Shelf, wish: Callable[..., AppTest], asked: list[Any]) -> None:
    sha256 = shelf.add(1, "manjanggul")
    wish(*asked)
    assert shelf.statuses([sha256]) == ["new"] and shelf.library.photos.get(sha256).place_slug == "manjanggul"


def test_where_an_action_led_is_kept_when_a_run_that_cut_it_short_came_with_the_address_before(
    shelf: Shelf, wish: Callable[..., AppTest]
) -> None:
    photos = shelf.add_many(range(1, 4), "manjanggul")
    deed, there = act(1, "accept", shas=[photos[0]]), {"photo": photos[0], "at": "1"}
    app = wish(deed, **there)
    assert in_address(app, "photo") == photos[1]
    app = wish(deed, app=app, **there)
    assert in_address(app, "photo") == photos[1]
    assert shelf.statuses(photos) == ["accepted", "new", "new"]


def test_what_cannot_be_done_is_said_and_the_next_is_done(shelf: Shelf, wish: Callable[..., AppTest]) -> None:
    first, second = shelf.add(1, "manjanggul"), shelf.add(2, "manjanggul")
    app = wish(act(1, "accept", shas=[first]))
    shelf.library.review.reopen([first], "somebody else")
    app = wish(act(2, "undo"), app=app)
    assert "changed" in app.text[0].value
    app = wish(act(3, "move", shas=[first], place="nowhere"), act(4, "accept", shas=[second]), app=app)
    assert shelf.statuses([first, second]) == ["new", "accepted"]
    assert shelf.library.photos.get(first).place_slug == "manjanggul"


def test_after_a_decision_about_one_photo_alone_the_next_of_its_list_is_shown(
    shelf: Shelf, wish: Callable[..., AppTest]
) -> None:
    photos = shelf.add_many(range(1, 5), "manjanggul")
    app = wish(act(1, "open", sha=photos[1]))
    assert (in_address(app, "photo"), in_address(app, "at")) == (photos[1], "2")
    there = {"photo": photos[1], "at": "2"}
    app = wish(act(1, "accept", shas=[photos[1]]), **there)
    assert (in_address(app, "photo"), in_address(app, "at")) == (photos[2], "2")  # it left the list
    there = {"photo": photos[1], "at": "2", "status": "any"}
    app = wish(act(1, "accept", shas=[photos[2]]), **{**there, "photo": photos[2], "at": "3"})
    assert (in_address(app, "photo"), in_address(app, "at")) == (photos[3], "4")  # it stayed
    end = wish(act(1, "accept", shas=[photos[3]]), photo=photos[3], at="4", status="any")
    assert "photo" not in end.query_params  # past the last one lies the grid


def test_the_photos_page_is_offered_to_curators_only(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.ui import links

    assert links.PHOTOS.file in [f"pages/{link.proto.page}.py" for link in open_app("app.py").get("page_link")]
    monkeypatch.setattr(links, "may_curate", lambda: False)
    assert links.PHOTOS.file not in [f"pages/{link.proto.page}.py" for link in open_app("app.py").get("page_link")]
