"""Runs for the page of metrics: opened once and held in memory, and which of them serve.

What is opened is held under the times that its manifest was written and that it was evaluated last, so that a folder
that is replaced, or a new evaluation, is read again.
"""

import streamlit as st

from core.domain.score import Score
from core.errors import EodiError, NotFound
from core.metrics.opened_run import OpenedRun, evaluated_at, open_for_metrics
from core.weights.fusion_manifest import TREE_FILE
from core.weights.manifest import MANIFEST_FILE, MODEL_FILE
from core.weights.manifest_file import AnyManifest
from core.weights.release import current_release, shipped_release
from pages.ui import resources

# The first that a run has is its main score: of test photos before held-out ones.
MAIN_SCORES = (
    *("test_right", "held_out_right", "test_accuracy", "held_out_map50", "test_map50"),
    *("test_fused_right", "held_out_fused_right"),
)
HELD = 40  # runs in memory; a table of 500 photos takes some 100 kB


def opened_run(run_id: str) -> OpenedRun:
    """Return a run by its name: text from outside.

    Raises:
        NotFound: code "metrics.run_not_found"; there is none.
        ModelRefused: its files are not those of its manifest, or a table is broken.
    """
    weights_dir = resources.settings().weights_dir
    path = weights_dir / run_id / MANIFEST_FILE
    if "/" in run_id or "\\" in run_id or run_id.startswith(".") or not path.is_file():
        raise NotFound("metrics.run_not_found", run_id=run_id[:80])
    evaluated = evaluated_at(resources.settings().data_dir, run_id)
    return _opened(run_id, path.stat().st_mtime_ns, evaluated)


@st.cache_resource(show_spinner=False, max_entries=HELD)
def _opened(run_id: str, written_at: int, evaluated: int) -> OpenedRun:
    return open_for_metrics(resources.settings().weights_dir, resources.settings().data_dir, run_id)


def main_score(manifest: AnyManifest) -> tuple[str, Score] | None:
    """Return the name and the score that stands for a run; None where nothing scored it."""
    return next(((name, manifest.scores[name]) for name in MAIN_SCORES if name in manifest.scores), None)


def has_model(manifest: AnyManifest) -> bool:
    """Whether a run could serve; of some that were trained elsewhere only the curves are known."""
    return bool({MODEL_FILE, TREE_FILE} & manifest.files.keys())


def runs_in_service() -> frozenset[str]:
    """Return the names of the runs that answer now; none while what names them is broken."""
    try:
        now = current_release(resources.releases(), resources.settings().weights_dir)
    except EodiError:
        return frozenset()
    return frozenset(member["run_id"] for member in now.members.values())


def release_before() -> str | None:
    """Return what would serve again after going back, in the runs' names; None when the default serves already."""
    releases = resources.releases()
    current = releases.in_service()
    if current is None:
        return None
    before = releases.previous(current.release_id)
    if before is not None:
        return " + ".join(member["run_id"] for member in before.members.values())
    members = shipped_release(resources.settings().weights_dir).members
    return " + ".join(member["run_id"] for member in members.values())
