"""Put a run in service, and take it back: the one way for pages and command line, of whatever task the run is.

Each loads the run once as it would serve, and only then switches the row; so nothing that cannot answer ever serves.
`promote_run(run_id, service)` and `take_back(service)` are all that callers need; `WAYS` has a line per task.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.classifier.predict import OnnxClassifier
from core.db.jobs import JobRepository
from core.detector.predict import OnnxDetector
from core.errors import EodiError, ModelRefused
from core.fusion.tree import load_tree
from core.identify.opinions import submit_opinions
from core.jobs.runner import Runner
from core.weights.folder import task_of
from core.weights.release import (
    CLASSIFIER,
    DETECTOR,
    FUSION,
    Release,
    ReleaseSource,
    promote_classifier,
    promote_detector,
    promote_fusion,
    roll_back,
)

logger = logging.getLogger(__name__)
Follow = Callable[[Release], None]


@dataclass(frozen=True, slots=True)
class Service:
    """Where what answers is written down. weights_dir: where the runs lie.

    follow: told the new release once it serves; see `opinions_of`. What it raises does not undo the switch.
    """

    releases: ReleaseSource
    weights_dir: Path
    follow: Follow


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a promotion. note: why, for the history; allow_drop: even when places in service are lost."""

    run_id: str
    note: str = ""
    allow_drop: bool = False


def promote_run(run_id: str, service: Service, note: str = "", allow_drop: bool = False) -> Release:
    """Put a run in service after it was loaded once; what serves beside it stays.

    Args:
        run_id: of a classifier, or of any other task of `WAYS`.
        service: where it is written down, and what follows.
        note: why, for whoever reads the history.
        allow_drop: promote a classifier even when places now in service are no classes of it.

    Returns:
        What serves now; its `label` is what answers show.

    Raises:
        NotFound: code "release.run_not_found"; or "model.none", there is no classifier that it could serve beside.
        ModelRefused: the run's files are not those of its manifest, or they cannot answer.
        Conflict: code "release.drops_places", see `allow_drop`; or "release.fusion_of_others", a tree was fitted on
            other runs than those in service.
    """
    release = WAYS[_task(service.weights_dir, run_id)](Wish(run_id, note, allow_drop), service)
    service.follow(release)
    return release


def take_back(service: Service) -> Release:
    """Put the release before the current one back in service, after its runs were loaded once.

    Raises:
        NotFound: code "release.nothing_before"; or "model.none".
        ModelRefused: the files of that release are gone or changed, or cannot answer; what serves stays.
        Conflict: code "release.switched_meanwhile".
    """
    release = roll_back(service.releases, service.weights_dir, load_classifier, load_detector, load_tree)
    service.follow(release)
    return release


def opinions_of(jobs: JobRepository, runner: Runner) -> Follow:
    """Return what starts the job that looks at the library's photos again; that it cannot start is only logged."""

    def follow(release: Release) -> None:
        try:
            submit_opinions(jobs, runner, release.label)
        except EodiError as error:
            logger.warning("%s serves, and nothing looks at the library with it: %s", release.label, error)

    return follow


load_classifier = partial(OnnxClassifier, threads=1)
load_detector = partial(OnnxDetector, threads=1)


def _put_classifier(wish: Wish, service: Service) -> Release:
    return promote_classifier(
        service.releases, service.weights_dir, wish.run_id, wish.note, load_classifier, wish.allow_drop
    )


def _put_detector(wish: Wish, service: Service) -> Release:
    return promote_detector(service.releases, service.weights_dir, wish.run_id, wish.note, load_detector)


def _put_fusion(wish: Wish, service: Service) -> Release:
    return promote_fusion(service.releases, service.weights_dir, wish.run_id, wish.note, load_tree)


WAYS: Mapping[str, Callable[[Wish, Service], Release]] = {
    CLASSIFIER: _put_classifier,
    DETECTOR: _put_detector,
    FUSION: _put_fusion,
}


def _task(weights_dir: Path, run_id: str) -> str:
    """Return what a run is for; one that cannot be read is left to the promotion, which says why."""
    try:
        return task_of(weights_dir, run_id)
    except ModelRefused:
        return CLASSIFIER
