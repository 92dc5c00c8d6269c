"""Prepare ultralytics: quiet, offline, safe, and able to run where torchvision has no operators of its own.

The only file beside `core/settings.py` that touches the environment: ultralytics reads its switches from there at
import. Called in the child process that trains or converts, never in the app.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.errors import MissingPackage

SWITCHES = {
    "YOLO_OFFLINE": "1",  # no look-ups of public name servers at import
    "YOLO_AUTOINSTALL": "false",  # a checkpoint that names a module may not install it
    "YOLO_VERBOSE": "false",
    "ULTRALYTICS_SAFE_LOAD": "1",  # a checkpoint is read as numbers; without it its pickle runs
    "WANDB_MODE": "disabled",
    "MPLBACKEND": "agg",
}
FONTS = ("Arial.ttf", "Arial.Unicode.ttf")  # fetched from the network otherwise, even offline
_kept_alive: list[Any] = []


def child_environment(home: Path) -> dict[str, str]:
    """Return the environment of a child process that uses ultralytics, whose settings lie under `home`."""
    return {**os.environ, **SWITCHES, "YOLO_CONFIG_DIR": str(home)}


def prepare_ultralytics(threads: int = 0) -> Any:
    """Import ultralytics in a process whose environment `child_environment` made, and return the module.

    Raises:
        MissingPackage: it is not installed, or the environment is not the one it needs.
    """
    if find_spec("ultralytics") is None or find_spec("torch") is None:
        raise MissingPackage(package="ultralytics")
    home = os.environ.get("YOLO_CONFIG_DIR", "")
    if not home or any(os.environ.get(name) != value for name, value in SWITCHES.items()):
        raise MissingPackage("detector.environment")
    _place_fonts(Path(home) / "Ultralytics")
    import torch

    if threads:
        torch.set_num_threads(threads)
    _mend_torchvision(torch)
    import ultralytics

    ultralytics.settings.update({"sync": False})
    return ultralytics


def _place_fonts(folder: Path) -> None:
    """Put a font where ultralytics looks for one before it asks the network."""
    import matplotlib

    folder.mkdir(parents=True, exist_ok=True)
    font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    for name in FONTS:
        if not (folder / name).exists():
            shutil.copyfile(font, folder / name)


def _mend_torchvision(torch: Any) -> None:
    """Give torchvision the one operator that training needs, where it was built for another torch.

    A torchvision for graphics cards beside a torch for processors has none of its operators, and cannot be imported.
    """
    try:
        import torchvision
    except RuntimeError:
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.impl("nms", _nms, "CPU")
        _kept_alive.append(library)  # the operators go when the library is collected
        import torchvision

        torchvision.ops.boxes._assert_has_ops = lambda: None


def _nms(boxes: Any, scores: Any, iou: float) -> Any:
    from ultralytics.utils.nms import TorchNMS

    return TorchNMS.nms(boxes, scores, iou)
