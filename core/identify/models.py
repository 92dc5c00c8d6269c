"""The models in service, one copy for all sessions, switched when the release row changes.

`ModelShelf.current()` is cheap: it looks at the row at most once per second and loads a new release beside the old
one, so that every answer comes from one whole release. A release that cannot be loaded leaves the old one answering.
The gallery is looked at as often: photos that were accepted meanwhile count from the next answer on.
"""

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from core.classifier.predict import OnnxClassifier
from core.detector.predict import OnnxDetector
from core.errors import EodiError
from core.fusion.tree import FusionTree, load_tree
from core.gallery.index import Gallery
from core.identify.gallery_keeper import GalleryKeeper
from core.weights.folder import Run
from core.weights.release import Release, ReleaseSource, current_release, open_detector, open_fusion, open_release

LOOK_AGAIN_S = 1.0  # a promotion is seen within this time
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Models:
    """What answers together. release: its label, shown with each answer; detector: None when none is in service.

    gallery: known photos as the classifier sees them; None where there are none. tree: None where stated rules decide,
    because none is in service or it was fitted on other runs.
    """

    release: str
    classifier: OnnxClassifier
    detector: OnnxDetector | None = None
    gallery: Gallery | None = None
    tree: FusionTree | None = None

    @property
    def need_px(self) -> int:
        """The shorter side, in pixels, that the hungriest model wants from decoding."""
        return max(self.classifier.need_px, self.detector.need_px if self.detector else 0)


class ModelShelf:
    """Hands out the release in service; safe for many threads."""

    def __init__(
        self, releases: ReleaseSource, weights_dir: Path, threads: int = 2, galleries: GalleryKeeper | None = None
    ) -> None:
        """galleries: keeps the gallery beside the models; None where answers do without one."""
        self._releases = releases
        self._galleries = galleries
        self._run: Run | None = None
        self._gallery_trouble = ""
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

    def library_changed(self) -> threading.Thread:
        """Look at the library now, in a thread: embeddings of what was just accepted are written before anyone asks."""
        self._looked_at = float("-inf")
        thread = threading.Thread(target=self._look_quietly, name="library changed", daemon=True)
        thread.start()
        return thread

    def _look_quietly(self) -> None:
        try:
            self.current()
        except EodiError as error:
            log.warning("nothing can answer yet: %s", error)

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
        self._models = self._with_gallery(self._models)
        self._looked_at = monotonic()
        return self._models

    def _load(self, release: Release) -> Models:
        self._refused = release.label
        run, found = open_release(release, self._weights_dir), open_detector(release, self._weights_dir)
        detector = OnnxDetector(found, self._threads) if found else None
        models = Models(release.label, OnnxClassifier(run, self._threads), detector, tree=self._tree(release))
        self._refused, self._run = None, run
        log.info("in service: %s", release.label)
        return models

    def _with_gallery(self, models: Models) -> Models:
        """Return the models with the newest gallery; with the one before where there is no reading the newest."""
        if self._galleries is None or self._run is None:
            return models
        try:
            gallery = self._galleries.current(self._run, models.classifier)
        except EodiError as error:
            if str(error) != self._gallery_trouble:
                log.warning("the gallery stays as it was: %s", error)
            self._gallery_trouble = str(error)
            return models
        self._gallery_trouble = ""
        return models if gallery is models.gallery else replace(models, gallery=gallery)

    def _tree(self, release: Release) -> FusionTree | None:
        """Load the release's tree; stated rules decide where it was fitted on other runs, and the log says so."""
        found = open_fusion(release, self._weights_dir)
        if found is None and release.fusion_run_id:
            log.warning("%s was fitted on other runs than those of %s", release.fusion_run_id, release.label)
        return load_tree(found) if found else None
