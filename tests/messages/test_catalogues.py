"""The catalogues hold every sentence that the program can say, with the same placeholders, and none that it cannot."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import core.errors
from core.domain.place import LANGUAGES
from core.messages.translate import CATALOGUES

ROOT = Path(core.errors.__file__).parent.parent
SOURCES = (ROOT / "app.py", *sorted((ROOT / "core").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py")))
# Keys put together at run time, each with where.
COMPOSED: dict[str, str] = {
    "job.state.": "core/cli: a job's state in words",
    "source.": "core/crawl/sources/registry: what a source offers",
}
# Texts of the same form that are none: columns of tables, files of other programs.
NOT_KEYS = {"places.slug", "photos.sha256", "snapshots.snapshot_id", "labels.label_id", "labels.names"}
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
ERRORS = {
    name: kind
    for name, kind in vars(core.errors).items()
    if isinstance(kind, type) and issubclass(kind, core.errors.EodiError)
}
# Names under which a translator is called: `t("…")`, `page.t("…")`, `words("…")`; a page opens with its title's key.
TRANSLATORS = {"t", "words", "say", "open_page"}


@dataclass(frozen=True)
class Use:
    """A key in the source: where, with which values; values are None when they are not all written out there."""

    key: str
    where: str
    values: frozenset[str] | None


def catalogue(language: str) -> dict[str, Message]:
    with (CATALOGUES / f"{language}.po").open("rb") as source:
        return {str(m.id[0] if isinstance(m.id, tuple) else m.id): m for m in read_po(source) if m.id}


def sentences(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def placeholders(message: Message) -> set[str]:
    return {field for sentence in sentences(message) for _, field, _, _ in Formatter().parse(sentence) if field}


def uses() -> Iterator[Use]:
    """Find every call that names a key: of a translator, and of an error's class."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (prefix := key_prefix(node.func)) is not None:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                for key in first_argument(node):
                    yield Use(prefix + key, where, written_out(node))


def key_prefix(called: ast.expr) -> str | None:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    if isinstance(called, ast.Call):
        return "" if key_prefix(called.func) is None and named(called.func) == "translator" else None
    if name in ERRORS:
        return "error."
    return "" if name in TRANSLATORS else None


def named(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def first_argument(call: ast.Call) -> list[str]:
    """Return the literal keys that the first argument can be; `a if … else b` is two."""
    argument = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "code"), None)
    branches = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
    return [b.value for b in branches if isinstance(b, ast.Constant) and isinstance(b.value, str) and b.value]


def written_out(call: ast.Call) -> frozenset[str] | None:
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return frozenset(keyword.arg for keyword in call.keywords if keyword.arg)


def constants() -> set[str]:
    """Return every text constant of the program; a key may reach a translator by a variable."""
    return {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


USES = tuple(uses())


def test_the_scan_finds_the_calls_it_is_about() -> None:
    found = {use.key for use in USES}
    assert {"page.identify.title", "identify.question", "scores.none", "error.photo.broken"} <= found
    assert len(USES) > 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_that_the_program_names_is_in_the_catalogue(language: str) -> None:
    held = catalogue(language)
    assert [f"{use.key} ({use.where})" for use in USES if use.key not in held] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_errors_own_code_is_in_the_catalogue(language: str) -> None:
    held = catalogue(language)
    assert [kind.default_code for kind in ERRORS.values() if f"error.{kind.default_code}" not in held] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_constant_that_looks_like_a_key_is_one(language: str) -> None:
    held = catalogue(language)
    families = {key.split(".")[0] for key in held} - {"error"}
    suspects = {c for c in constants() - NOT_KEYS if KEY.fullmatch(c) and c.split(".")[0] in families}
    files = (
        ".json",
        ".csv",
        ".onnx",
        ".css",
        ".md",
        ".py",
        ".yaml",
        ".npz",
        ".js",
        ".html",
        ".txt",
        ".zip",
        ".ipynb",
        ".pt",
    )
    unknown = {c for c in suspects if c not in held and f"error.{c}" not in held and not c.endswith(files)}
    assert unknown == set()


def test_no_sentence_is_left_that_nothing_says() -> None:
    said = constants() | {use.key for use in USES}
    codes = {kind.default_code for kind in ERRORS.values()}
    unused = [
        key
        for key in catalogue("en")
        if key not in said
        and not key.startswith(tuple(COMPOSED))
        and not (key.startswith("error.") and (key[6:] in said or key[6:] in codes))
    ]
    assert unused == []


def test_both_catalogues_hold_the_same_keys() -> None:
    assert set(catalogue("ko")) == set(catalogue("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_twice(language: str) -> None:
    text = (CATALOGUES / f"{language}.po").read_text(encoding="utf-8")
    keys = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))


def test_placeholders_are_the_same_in_both_languages() -> None:
    korean, english = catalogue("ko"), catalogue("en")
    differing = {k for k in set(korean) & set(english) if placeholders(korean[k]) != placeholders(english[k])}
    assert differing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_says_something(language: str) -> None:
    assert [key for key, message in catalogue(language).items() if not all(s.strip() for s in sentences(message))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_gets_a_value_where_the_key_is_used(language: str) -> None:
    held = catalogue(language)
    short = [
        f"{use.key} ({use.where}) lacks {sorted(missing)}"
        for use in USES
        if use.key in held and use.values is not None and (missing := placeholders(held[use.key]) - use.values)
    ]
    assert short == []
