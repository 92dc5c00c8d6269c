"""Keys that sources need: which are missing, and the error that says where to get them and where to put them.

Called by `sources/` before a request is made, and by whoever shows which sources can be asked.
"""

from collections.abc import Mapping

from core.crawl.source import SourceInfo, SourceQuery
from core.errors import SourceKeyError


def missing_keys(info: SourceInfo, keys: Mapping[str, str]) -> tuple[str, ...]:
    """Return the settings that a source needs and that have no value."""
    return tuple(name for name in info.key_settings if not keys.get(name, "").strip())


def need_keys(info: SourceInfo, query: SourceQuery) -> tuple[str, ...]:
    """Return the values of the keys of a source, in the order of its `key_settings`.

    Raises:
        SourceKeyError: code "source.key_missing"; one has no value.
    """
    missing = missing_keys(info, query.keys)
    if missing:
        raise SourceKeyError(
            "source.key_missing", source=info.name, setting=setting_names(missing), where=info.key_page
        )
    return tuple(query.keys[name].strip() for name in info.key_settings)


def setting_names(names: tuple[str, ...]) -> str:
    """Return settings as the operator writes them: `EODI_KAKAO_KEY`."""
    return ", ".join(f"EODI_{name.upper()}" for name in names)
