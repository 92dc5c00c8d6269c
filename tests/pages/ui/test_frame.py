"""The frame: one sentence for any error, no traceback to visitors, access, and the rules every page keeps."""

import ast
import logging
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.home import ROOT

PAGES = sorted((ROOT / "pages").glob("*.py"))
MODULES = sorted((ROOT / "pages").rglob("*.py"))
pytestmark = pytest.mark.usefixtures("home")


def failing_page() -> None:
    from pages.ui.frame import open_page

    with open_page("page.identify.title"):
        raise ZeroDivisionError("secret /srv/eodi/key")


def refusing_page() -> None:
    from core.errors import DatabaseUnavailable
    from pages.ui.frame import open_page

    with open_page("page.identify.title"):
        raise DatabaseUnavailable


def curators_page() -> None:
    import streamlit as st

    from pages.ui.access import Audience
    from pages.ui.frame import open_page

    with open_page("page.identify.title", Audience.CURATOR):
        st.write("inside")


def test_an_unexpected_error_is_one_general_sentence_and_its_traceback_goes_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        app = AppTest.from_function(failing_page).run()
    assert len(app.error) == 1 and not app.exception
    assert "secret" not in app.error[0].value and "Zero" not in app.error[0].value
    assert "ZeroDivisionError" in caplog.text


def test_an_error_of_ours_is_worded_in_the_visitors_language() -> None:
    app = AppTest.from_function(refusing_page)
    app.query_params["lang"] = "en"
    english = app.run().error[0].value
    app.query_params["lang"] = "ko"
    assert english != app.run().error[0].value
    assert english.isascii()


def test_a_curators_page_is_open_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit as st

    assert "inside" in [m.value for m in AppTest.from_function(curators_page).run().markdown]
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: "0.0.0.0" if key == "server.address" else real(key))  # noqa: S104 - the address that must be refused
    app = AppTest.from_function(curators_page).run()
    assert "inside" not in [m.value for m in app.markdown]
    assert len(app.info) == 1


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_thin_and_opens_itself(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 100
    assert "with open_page(" in source


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_only_state_touches_the_session_and_the_address(path: Path) -> None:
    names = {
        node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    if not path.name.endswith("state.py"):
        assert not names & {"session_state", "query_params"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_markup_comes_from_constant_files_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        assert "unsafe_allow_html" not in [keyword.arg for keyword in node.keywords]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "html":
            assert ast.unparse(node.args[0]).startswith("STYLES / ")


@pytest.mark.parametrize("path", sorted((ROOT / "pages/ui/styles").glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_has_no_less_than_sign_for_which_streamlit_drops_it(path: Path) -> None:
    assert "<" not in path.read_text(encoding="utf-8")


def test_both_languages_give_the_uploader_and_the_camera_the_same_words() -> None:
    names = [
        {
            line.split(":")[0].strip()
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith("  --")
        }
        for path in sorted((ROOT / "pages/ui/styles").glob("uploader.*.css"))
    ]
    assert len(names) == 2 and names[0] == names[1] and len(names[0]) == 7
