"""The child process that turns weights from outside into ONNX, `python -m core.detector.convert WEIGHTS FOLDER`.

The weights are read as numbers by ultralytics' safe loading; what else the file holds refuses it. Nothing else in this
program ever opens such a file. Started by `conversion`, which sets the environment that this needs.
"""

import json
import sys
from pathlib import Path
from typing import Any

from core.detector.child import export_onnx
from core.detector.stage import ONNX_FILE
from core.detector.ultralytics_setup import prepare_ultralytics

FACTS_FILE = "facts.json"
OTHER_TASK = 4  # exit status: a network that finds no boxes


def facts_of(network: Any) -> dict[str, Any]:
    """Return what a loaded network says of itself, as plain JSON."""
    return {
        "names": [str(network.names[column]) for column in sorted(network.names)],
        "stride": int(max(network.model.stride)),
        "imgsz": _whole(network.overrides.get("imgsz")),
        "architecture": str((network.model.yaml or {}).get("yaml_file", "")),
    }


def _whole(size: Any) -> int:
    return size if isinstance(size, int) else 0


def main() -> int:
    """Convert the file that the command line names."""
    weights, folder = Path(sys.argv[1]), Path(sys.argv[2])
    ultralytics = prepare_ultralytics()
    network = ultralytics.YOLO(str(weights))
    if network.task != "detect":
        return OTHER_TASK
    (folder / FACTS_FILE).write_text(json.dumps(facts_of(network)), encoding="utf-8")
    export_onnx(ultralytics, weights, folder / ONNX_FILE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
