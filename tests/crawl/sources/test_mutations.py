"""Whatever becomes of a known answer, a source makes candidates that can be stored, or names what is wrong."""

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crawl.source import SourceQuery
from core.crawl.sources.registry import SOURCES
from core.domain.place import Position
from core.errors import SourceFailed
from core.network.message import Response
from tests.support.recorded import RECORDED, cases, render

ROUNDS = 250
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 10**40, "", " ", "\ud800", "\x00", "0", "-1", "1e999",
    "<b>",
    "&#55296;", "//x", "http://[", "http://h/\udc80", "%", "성산", "a" * 5000, [], {}, [None], [[]], [{}], {"": ""},
]  # fmt: skip
JSON_SOURCES = [name for name in SOURCES if (RECORDED / name / "item.json").exists()]


def bodies(name: str) -> list[Any]:
    found = [json.loads(render(name, "말", 1, ["http://img.test/1.jpg", "http://img.test/2.jpg"])[2])]
    files = [case.file for case in cases(source=name) if case.file.suffix == ".json"]
    files += [RECORDED / name / "album.json"] if name == "instagram-graph" else []
    return found + [json.loads(file.read_bytes()) for file in files]


def parts(body: Any) -> list[tuple[Any, Any]]:
    """Every place of a body at which something stands: its container and its name there."""
    names = list(body) if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else []
    found = [(body, name) for name in names]
    return found + [part for name in names for part in parts(body[name])]


def mutated(body: Any, chance: random.Random) -> Any:
    body = copy.deepcopy(body)
    for _ in range(chance.choice((1, 1, 2, 4))):
        found = parts(body)
        if not found:
            return chance.choice(ODD)
        container, name = chance.choice(found)
        if chance.random() < 0.25:
            del container[name]
        else:
            container[name] = copy.deepcopy(chance.choice(ODD))
    return body


def try_to_parse(name: str, content: bytes, status: int, cursor: dict[str, str], headers: dict[str, str]) -> bool:
    """Parse, and check what comes of it; whether candidates came."""
    query = SourceQuery("말", position=Position(33.0, 126.0), cursor=cursor)
    try:
        page = SOURCES[name].parse_response(Response(status, "http://127.0.0.1:9/a", headers, content), query)
    except SourceFailed as error:
        assert error.values["source"] == name
        str(error).encode()
        return False
    for candidate in page.candidates:
        assert candidate.image_url.startswith(("http://", "https://")) and candidate.image_url.isascii()
        assert len(candidate.key) == 64
        texts = (candidate.title, candidate.author, candidate.licence, candidate.page_url, candidate.source_id)
        assert all(len(text.encode()) < 8000 and text.isprintable() for text in texts)
    if page.next_cursor is not None:
        assert all(isinstance(value, str) for value in page.next_cursor.values())
        SOURCES[name].build_request(
            SourceQuery(
                "말", Position(33.0, 126.0), page.next_cursor, dict.fromkeys(SOURCES[name].INFO.key_settings, "k")
            )
        )
    return bool(page.candidates)


@pytest.mark.parametrize("name", JSON_SOURCES)
def test_changed_answers_raise_nothing_but_errors_of_the_project(name: str) -> None:
    chance, known, parsed = random.Random(2026), bodies(name), 0
    start = {"tag": "17", "step": "0", "page": "0"} if name == "instagram-graph" else {}
    for _ in range(ROUNDS):
        body = json.dumps(mutated(chance.choice((known[0], chance.choice(known))), chance))
        headers = {chance.choice(("retry-after", "date")): chance.choice(("", "x", "nan", "inf", "-1", "9" * 400))}
        parsed += try_to_parse(name, body.encode(), chance.choice((200, 200, 200, 400, 403, 500)), start, headers)
    assert parsed > ROUNDS / 25


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=25, deadline=None)
@given(
    content=st.binary(max_size=200)
    | st.sampled_from([b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000, b"[]", b"null", b'""'])
)
def test_any_bytes_raise_nothing_but_errors_of_the_project(name: str, content: bytes) -> None:
    assert not try_to_parse(name, content, 200, {}, {})
