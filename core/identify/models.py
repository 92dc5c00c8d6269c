"""The models in service, one copy for all sessions, switched when the release row changes.

`ModelShelf.current()` is cheap: it looks at the row at most once per second and loads a new release beside the old
one, so that every answer comes from one whole release. A release that cannot be loaded leaves the old one answering.
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from core.classifier.predict import OnnxClassifier
from core.detector.predict import OnnxDetector
from core.errors import EodiError
from core.weights.release import Release, ReleaseSource, current_release, open_detector, open_release

LOOK_AGAIN_S = 1.0  # a promotion is seen within this time
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Models:
    """What answers together. release: its label, shown with each answer; detector: None when none is in service."""

    release: str
    classifier: OnnxClassifier
    detector: OnnxDetector | None = None

    @property
    def need_px(self) -> int:
        """The shorter side, in pixels, that the hungriest model wants from decoding."""
        return max(self.classifier.need_px, self.detector.need_px if self.detector else 0)


class ModelShelf:
    """Hands out the release in service; safe for many threads."""

    def __init__(self, releases: ReleaseSource, weights_dir: Path, threads: int = 2) -> None:
        self._releases = releases
        self._weights_dir = weights_dir
        self._threads = threads
        self._lock = threading.Lock()
        self._models: Models | None = None
        self._refused: str | None = None
        self._looked_at = float("-inf")

    def current(self) -> Models:
        """Return the models in service.

        Raises:
            ModelRefused: no model has been loaded yet and the one in service cannot be.
            DatabaseUnavailable: nothing has been loaded yet and the release row cannot be read.
        """
        models = self._models
        if models is not None and monotonic() - self._looked_at < LOOK_AGAIN_S:
            return models
        with self._lock:
            return self._look()

    def _look(self) -> Models:
        if self._models is not None and monotonic() - self._looked_at < LOOK_AGAIN_S:
            return self._models
        try:
            release = current_release(self._releases, self._weights_dir)
            if self._models is None or release.label not in (self._models.release, self._refused):
                self._models = self._load(release)
        except EodiError as error:
            if self._models is None:
                raise
            log.warning("the release in service stays %s: %s", self._models.release, error)
        self._looked_at = monotonic()
        return self._models

    def _load(self, release: Release) -> Models:
        self._refused = release.label
        run, found = open_release(release, self._weights_dir), open_detector(release, self._weights_dir)
        detector = OnnxDetector(found, self._threads) if found else None
        models = Models(release.label, OnnxClassifier(run, self._threads), detector)
        self._refused = None
        log.info("in service: %s", release.label)
        return models
