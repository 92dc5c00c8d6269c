"""All settings in one typed class: `EODI_*` variables, then `.env`, then `.streamlit/secrets.toml`, then defaults.

An empty variable counts as one that is not set.
Read only by the composition roots: `pages/ui/resources.py`, `core/cli`, and the tests' fixtures.
"""

from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from core.errors import InvalidInput, StorageUnavailable

REPOSITORY = Path(__file__).resolve().parent.parent
SECRETS_FILE = REPOSITORY / ".streamlit" / "secrets.toml"


class Settings(BaseSettings):
    """Where things lie and what is switched on. Paths are absolute after `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix="EODI_",
        env_ignore_empty=True,
        env_file=REPOSITORY / ".env",
        toml_file=SECRETS_FILE,
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = REPOSITORY / "data"
    weights_dir: Path = REPOSITORY / "weights"
    catalogue_dir: Path = REPOSITORY / "data" / "catalogue"
    database_url: str = ""
    storage_url: str = ""
    ray_address: str = ""
    tile_url: str = ""
    tile_credit: str = ""
    language: Literal["ko", "en"] | None = None
    inference_threads: int = Field(default=2, ge=1, le=64)
    contact: str = ""
    crawl_pages: bool = False
    naver_client_id: SecretStr = SecretStr("")
    naver_client_secret: SecretStr = SecretStr("")
    naver_api_hub_key_id: SecretStr = SecretStr("")
    naver_api_hub_key: SecretStr = SecretStr("")
    google_key: SecretStr = SecretStr("")
    google_cx: SecretStr = SecretStr("")
    instagram_token: SecretStr = SecretStr("")
    instagram_user: SecretStr = SecretStr("")
    flickr_key: SecretStr = SecretStr("")
    kakao_key: SecretStr = SecretStr("")
    data_go_kr_key: SecretStr = SecretStr("")
    # Mirrors of sources, by the source's name, and hosts of one's own network that may be asked, both as JSON.
    crawl_base_urls: dict[str, str] = Field(default_factory=dict)
    network_allow_hosts: frozenset[str] = frozenset()

    @property
    def resolved_database_url(self) -> str:
        """The database: `EODI_DATABASE_URL`, or the embedded one under the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'eodi.sqlite3'}"

    @property
    def resolved_storage_url(self) -> str:
        """The photos' storage root as an fsspec URL: `EODI_STORAGE_URL`, or `library` under the data folder."""
        return self.storage_url or str(self.data_dir / "library")

    @property
    def source_keys(self) -> dict[str, str]:
        """The keys of sources of photos that are set, by the name of their setting; never to be shown or logged."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        secrets = {n: v.get_secret_value().strip() for n, v in fields.items() if isinstance(v, SecretStr)}
        return {name: value for name, value in secrets.items() if value}

    @property
    def jobs_dir(self) -> Path:
        """Where jobs write their logs."""
        return self.data_dir / "jobs"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources; the first that has a value wins."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)


def load_settings() -> Settings:
    """Read the settings once more from where they stand now; relative folders count from the working folder.

    Raises:
        InvalidInput: "settings.invalid", a value that is not accepted; "settings.unreadable", a file that is damaged.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        # Without its cause: that repeats the value, which may be a password in the wrong place.
        raise _invalid(str(error.errors()[0]["loc"][0])) from None
    except SettingsError as error:
        raise _invalid(next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "")) from None
    except (ValueError, OSError):
        raise InvalidInput("settings.unreadable") from None
    folders = {name: getattr(settings, name).absolute() for name in ("data_dir", "weights_dir", "catalogue_dir")}
    return settings.model_copy(update=folders)


def make_data_dir(data_dir: Path) -> None:
    """Make the data folder where there is none.

    Raises:
        StorageUnavailable: code "storage.data_dir"; it cannot be made, or a file stands there.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable("storage.data_dir", folder=str(data_dir)) from error


def _invalid(name: str) -> InvalidInput:
    if not name:
        return InvalidInput("settings.unreadable")
    accepted = _accepted(Settings.model_fields[name])
    return InvalidInput("settings.invalid", variable=f"EODI_{name.upper()}", accepted=accepted)


def _accepted(field: FieldInfo) -> str:
    """Say which values a setting takes: those it can choose from, or the ends of its range."""
    if field.annotation is bool:
        return "true, false"
    if get_origin(field.annotation) in (dict, frozenset):
        return "JSON"
    choices = [str(choice) for option in get_args(field.annotation) for choice in get_args(option)]
    ends = [str(getattr(rule, end)) for end in ("ge", "le") for rule in field.metadata if hasattr(rule, end)]
    return ", ".join(choices) or "–".join(ends)
