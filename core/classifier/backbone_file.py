"""The backbone's weights beside a model: where a later training starts when nothing can be fetched.

The file is what `--pretrained FILE` takes: numbers for a network that is built in code, never a network itself.
Called by `train`.
"""

import tempfile
from pathlib import Path
from typing import Any

from core.classifier.backbones import BACKBONES, Start, load_backbone
from core.weights.folder import Run

BACKBONE_FILE = "backbone.weights.h5"


def saved_backbone(backbone: Any) -> bytes:
    """Return the file of a backbone made by `load_backbone`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / BACKBONE_FILE
        inner_network(backbone).save_weights(path)
        return path.read_bytes()


def inner_network(backbone: Any) -> Any:
    """Return the network of keras.applications inside a backbone."""
    import keras

    return next(layer for layer in backbone.layers if isinstance(layer, keras.Model))


def shares_backbone(run: Run, name: str) -> bool:
    """Whether a run holds weights for the backbone `name`."""
    return run.manifest.architecture == name and name in BACKBONES and BACKBONE_FILE in run.manifest.files


def backbone_of(run: Run) -> Any:
    """Return the backbone of a run, its file's hash checked first.

    Raises:
        ModelRefused: the file is not that of the manifest.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / BACKBONE_FILE
        path.write_bytes(run.read(BACKBONE_FILE))
        return load_backbone(run.manifest.architecture, str(path))


def start_of(run: Run) -> Start:
    """Return the record of a start from a run's backbone."""
    origin = f"the backbone of {run.manifest.run_id}, which began with {run.manifest.training.start}"
    return Start(run.manifest.architecture, BACKBONE_FILE, origin, run.manifest.licence)
