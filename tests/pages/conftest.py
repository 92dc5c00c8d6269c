"""What tests of pages get: a home of their own, and no object left over from the test before."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.pages.home import make_home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lead the app to a fresh data folder and a tiny model."""
    for name, value in make_home(tmp_path).items():
        monkeypatch.setenv(name, value)
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    """Drop what `pages/ui/resources.py` holds for all sessions."""
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture(autouse=True, scope="module")
def what_earlier_tests_left_is_swept_once() -> Iterator[None]:
    """Sweep the memory before a page, not in it: Streamlit sweeps after each run, and trainings leave much behind."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
