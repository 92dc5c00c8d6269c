"""A detector's run with epochs and boxes, every number of which can be worked out by hand.

Three photos of one tower. On the first it is found surely and well; on the second it is missed and something else is
found; on the third nothing is there and nothing found.
"""

from dataclasses import replace
from pathlib import Path

from core.metrics.box_table import BOX_COLUMNS, BOXES_FILE
from core.metrics.scores import proportion
from core.weights.folder import DetectorRun, write_run
from tests.support.tiny_detector import LABELS, tiny_detector_manifest, tiny_detector_onnx

TOWER, COLUMN = (entry.slug for entry in LABELS)
PHOTOS = tuple(f"{number:064x}" for number in (1, 2, 3))
ROWS = (
    (PHOTOS[0], "g1", "fold 0", "truth", TOWER, "", "0.1", "0.1", "0.5", "0.5"),
    (PHOTOS[0], "g1", "fold 0", "found", TOWER, "0.90000", "0.1", "0.1", "0.5", "0.5"),
    (PHOTOS[1], "g2", "fold 1", "truth", TOWER, "", "0.1", "0.1", "0.5", "0.5"),
    (PHOTOS[1], "g2", "fold 1", "found", TOWER, "0.40000", "0.6", "0.6", "0.9", "0.9"),
    (PHOTOS[2], "g3", "fold 1", "none", "", "", "", "", "", ""),
)
EPOCHS = (
    b"part,epoch,train/box_loss,val/box_loss,metrics/precision,metrics/recall,metrics/mAP50,metrics/mAP50-95\n"
    + b"".join(
        f"fold 0,{epoch},{1 / epoch:.4f},{0.5 + abs(epoch - 4) / 10:.4f},0.5,{0.6 if epoch == 3 else 0.4},0.5,"
        f"{0.6 - abs(epoch - 4) / 50:.4f}\n".encode()
        for epoch in range(1, 13)
    )
)


def boxes_csv(rows: tuple[tuple[str, ...], ...] = ROWS) -> bytes:
    """Return these lines under the heading of `boxes.csv`."""
    return "".join(",".join(row) + "\n" for row in (BOX_COLUMNS, *rows)).encode()


def write_boxed_run(
    weights_dir: Path, run_id: str = "boxed", boxes: bytes | None = None, data: str = ""
) -> DetectorRun:
    """Write the run under `weights_dir`; data: another fingerprint of what it was made from."""
    manifest = tiny_detector_manifest(
        run_id, scores={"held_out_recall": proportion(1, 2), "held_out_precision": proportion(1, 2)}
    )
    if data:
        manifest = replace(manifest, data=replace(manifest.data, fingerprint=data))
    contents = {"model.onnx": tiny_detector_onnx(), BOXES_FILE: boxes or boxes_csv(), "epochs.csv": EPOCHS}
    return write_run(weights_dir, manifest, contents)
