"""What a YOLO training elsewhere leaves: folders as ultralytics and YOLOv5 write them."""

from pathlib import Path


def _table(*rows: str, width: int = 0) -> bytes:
    return "".join(",".join(f"{cell:>{width}}" for cell in row.split()) + "\n" for row in rows).encode()


# As YOLOv5 writes it: names and values padded to a width.
YOLOV5 = _table(
    "epoch train/box_loss metrics/precision metrics/recall metrics/mAP_0.5 metrics/mAP_0.5:0.95 val/box_loss x/lr0",
    "0 0.11886 0.0021277 0.40000 0.1200 0.0500 0.10100 0.010",
    "1 0.09886 0.35000 0.45000 0.4100 0.2200 0.08100 0.010",
    "2 0.08886 0.33000 0.44000 0.3900 0.2000 0.08300 0.009",
    width=20,
)
# As ultralytics writes it today.
YOLO11 = _table(
    "epoch time train/loss metrics/precision(B) metrics/recall(B) metrics/mAP50(B) metrics/mAP50-95(B) val/box_loss",
    "1 3.1 1.5 0.25 0.5 0.3 0.125 1.6",
    "2 6.2 1.25 0.75 0.625 0.7 0.5 1.4",
    "3 9.1 1.125 0.5 0.75 0.6 0.375 1.45",
)
ARGS = """task: detect
model: /home/somebody/yolo11n.pt
data: /home/somebody/secret/data.yaml
epochs: 3
imgsz: 320
seed: 7
lr0: 0.01
cos_lr: false
project: null
"""


def write_result(
    folder: Path, log: bytes | None = YOLO11, settings: dict[str, str] | None = None, weights: bytes | None = None
) -> Path:
    """Write the folder and return it."""
    (folder / "weights").mkdir(parents=True)
    if log is not None:
        (folder / "results.csv").write_bytes(log)
    for name, text in (settings if settings is not None else {"args.yaml": ARGS}).items():
        (folder / name).write_text(text, encoding="utf-8")
    if weights is not None:
        (folder / "weights" / "best.pt").write_bytes(weights)
    return folder
