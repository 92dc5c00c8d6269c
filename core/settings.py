"""All settings in one typed class: `EODI_*` variables, then `.env`, then `.streamlit/secrets.toml`, then defaults.

Read only by the composition roots: `pages/ui/resources.py`, `core/cli`, and the tests' fixtures.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

REPOSITORY = Path(__file__).resolve().parent.parent
SECRETS_FILE = REPOSITORY / ".streamlit" / "secrets.toml"


class Settings(BaseSettings):
    """Where things lie and what is switched on. Paths are absolute after `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix="EODI_", env_file=REPOSITORY / ".env", toml_file=SECRETS_FILE, extra="ignore", frozen=True
    )

    data_dir: Path = REPOSITORY / "data"
    weights_dir: Path = REPOSITORY / "weights"
    catalogue_dir: Path = REPOSITORY / "data" / "catalogue"
    database_url: str = ""
    storage_url: str = ""
    ray_address: str = ""
    tile_url: str = ""
    language: Literal["ko", "en"] | None = None
    inference_threads: int = Field(default=2, ge=1, le=64)

    @property
    def resolved_database_url(self) -> str:
        """The database: `EODI_DATABASE_URL`, or the embedded one under the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'eodi.sqlite3'}"

    @property
    def resolved_storage_url(self) -> str:
        """The photos' storage root as an fsspec URL: `EODI_STORAGE_URL`, or `library` under the data folder."""
        return self.storage_url or str(self.data_dir / "library")

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
    """Read the settings once more from where they stand now; relative folders count from the working folder."""
    settings = Settings()
    folders = {name: getattr(settings, name).absolute() for name in ("data_dir", "weights_dir", "catalogue_dir")}
    return settings.model_copy(update=folders)
