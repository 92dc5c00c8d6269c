"""The frame around every page: title, language, access, look, and one boundary that words every error.

Every page's body stands in `with open_page("page.….title") as page:`, under `app.py` and opened alone.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.domain.place import Language
from core.errors import EodiError
from core.messages import Translator, describe, translator
from pages.ui.access import Audience, require_access
from pages.ui.language import current_language, language_switch
from pages.ui.links import show_navigation
from pages.ui.text import plain

STYLES = Path(__file__).parent / "styles"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """What a page's body needs to speak."""

    t: Translator

    @property
    def language(self) -> Language:
        """The language of this run."""
        return self.t.language


@contextmanager
def open_page(title_key: str, audience: Audience = Audience.VISITOR) -> Iterator[OpenPage]:
    """Open a page: set its title, draw what stands on every page, check access, and word what goes wrong inside.

    A visitor sees one sentence for any error; the traceback of an unexpected one goes to the log only.
    """
    st.set_page_config(page_icon=":material/explore:", layout="wide", initial_sidebar_state="collapsed")
    with worded("ko"):
        t = translator(current_language())
        with worded(t.language):
            st.set_page_config(page_title=f"{t(title_key)} · {t('app.name')}")
            _masthead(t)
            require_access(audience, t)
            yield OpenPage(t)


@contextmanager
def worded(language: Language) -> Iterator[None]:
    """Show one sentence for whatever goes wrong inside: around a page, and around a part that runs by itself."""
    try:
        yield
    except EodiError as error:
        log.warning("shown to the visitor: %s", error)
        show_error(error, language)
    except Exception:
        log.exception("a page failed")
        show_error(EodiError(), language)


def show_error(error: EodiError, language: Language) -> None:
    """Show one sentence for an error."""
    st.error(plain(describe(error, language)), icon=":material/info:")


def _masthead(t: Translator) -> None:
    st.html(STYLES / "page.css")
    st.html(STYLES / f"uploader.{t.language}.css")
    with st.container(key="masthead", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        show_navigation(t)
        language_switch(t)
