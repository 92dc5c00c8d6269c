"""Settings: absolute folders, and one sentence for a value that is not accepted."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from core import settings as module
from core.crawl.sources.registry import SOURCES
from core.errors import InvalidInput, StorageUnavailable
from core.settings import Settings, load_settings, make_data_dir


@pytest.fixture(autouse=True)
def no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    monkeypatch.setitem(Settings.model_config, "toml_file", tmp_path / "secrets.toml")


def test_folders_are_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EODI_DATA_DIR", "here")
    assert load_settings().data_dir == Path.cwd() / "here"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"EODI_{name.upper()}", raising=False)
    unset = load_settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(f"EODI_{name.upper()}", "")
    assert load_settings() == unset


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file stands where the folder should be")
    for folder in (tmp_path / "taken", tmp_path / "taken" / "data"):
        with pytest.raises(StorageUnavailable) as caught:
            make_data_dir(folder)
        assert (caught.value.code, caught.value.values) == ("storage.data_dir", {"folder": str(folder)})


@pytest.mark.parametrize(
    ("variable", "value", "accepted"),
    [
        ("EODI_INFERENCE_THREADS", "many", "1–64"),
        ("EODI_INFERENCE_THREADS", "0", "1–64"),
        ("EODI_INFERENCE_THREADS", "65", "1–64"),
        ("EODI_LANGUAGE", "fr", "ko, en"),
        ("EODI_CRAWL_PAGES", "maybe", "true, false"),
        ("EODI_CRAWL_BASE_URLS", "no json", "JSON"),
        ("EODI_NETWORK_ALLOW_HOSTS", '{"a": 1}', "JSON"),
    ],
)
def test_a_malformed_value_names_its_variable_and_what_is_accepted_but_not_the_value(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, accepted: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidInput) as caught:
        load_settings()
    assert caught.value.code == "settings.invalid"
    assert caught.value.values == {"variable": variable, "accepted": accepted}
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "content"),
    [("secrets.toml", b"language = "), ("secrets.toml", b"\xff\xfe"), (".env", b"EODI_X=\xff\xfe\xfa")],
)
def test_a_damaged_file_of_settings_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidInput) as caught:
        load_settings()
    assert caught.value.code == "settings.unreadable"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_for_every_setting_that_can_be_malformed_it_is_known_what_is_accepted(name: str) -> None:
    field = Settings.model_fields[name]
    free = field.annotation in (str, Path, SecretStr)
    assert free or module._accepted(field)


def test_keys_of_sources_are_given_by_the_name_of_their_setting_and_only_those_that_are_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, field in Settings.model_fields.items():
        if field.annotation is SecretStr:
            monkeypatch.delenv(f"EODI_{name.upper()}", raising=False)
    monkeypatch.setenv("EODI_KAKAO_KEY", " a-key ")
    monkeypatch.setenv("EODI_GOOGLE_CX", "  ")
    assert load_settings().source_keys == {"kakao_key": "a-key"}


def test_a_key_is_not_told_where_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EODI_FLICKR_KEY", "planted-key")
    settings = load_settings()
    assert "planted-key" not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"


def test_every_key_that_a_source_needs_is_a_secret_setting() -> None:
    needed = {name for source in SOURCES.values() for name in source.INFO.key_settings}
    secret = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    assert needed == secret
