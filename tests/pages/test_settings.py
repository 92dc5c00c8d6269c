"""A malformed setting is one plain sentence on the page, under `app.py` too, and never Streamlit's own box."""

import pytest

from pages.ui import resources
from tests.pages.visiting import open_app

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("way", ["app.py", "pages/identify.py", "pages/places.py"])
@pytest.mark.parametrize(
    ("variable", "value", "accepted"),
    [("EODI_INFERENCE_THREADS", "many", "1–64"), ("EODI_LANGUAGE", "fr", "ko, en")],
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_malformed_setting_is_one_sentence_in_the_visitors_language(
    monkeypatch: pytest.MonkeyPatch, way: str, variable: str, value: str, accepted: str, language: str
) -> None:
    monkeypatch.setenv(variable, value)
    resources.settings.clear()
    app = open_app(way, language)
    assert not app.exception
    (sentence,) = [error.value.replace("\\", "") for error in app.error]
    assert variable in sentence and accepted in sentence and value not in sentence.split()
    assert ("Correct it" in sentence) == (language == "en")
