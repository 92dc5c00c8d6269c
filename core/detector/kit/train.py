"""Train the detector of this kit: `python train.py`, on Google Colab or any machine with a graphics card.

Needs Python 3.9 or newer and `pip install ultralytics`, nothing else. Stopped, the same command goes on where it was.
It ends with `result.zip`, which `python -m core runs import result.zip` brings back.
"""

import argparse
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RUN = HERE / "run"
RESULT = HERE / "result.zip"
LAST = RUN / "weights" / "last.pt"
BROUGHT_BACK = ("results.csv", "args.yaml", "weights/best.pt")


def main() -> None:
    """Read the command line, train, and pack the result."""
    parser = argparse.ArgumentParser(description="Train the detector of this kit.")
    parser.add_argument("--start", help="weights to start from, or a model's .yaml for random ones")
    parser.add_argument("--epochs", type=int, help="at most so many")
    parser.add_argument("--batch", type=int, help="photos at once; fewer need less memory")
    parser.add_argument("--device", help="0 for the first graphics card, cpu for none")
    wishes = parser.parse_args()
    kit = json.loads((HERE / "kit.json").read_text(encoding="utf-8"))
    arguments = {**kit["arguments"], **{name: wish for name, wish in vars(wishes).items() if wish is not None}}
    train(arguments.pop("start", kit["start"]), arguments, kit["frozen_epochs"])
    pack()
    sys.stdout.write(f"{RESULT}\n")


def train(start: str, arguments: "dict[str, Any]", frozen_epochs: int) -> None:
    """Train from the last whole epoch where there is one, else from the start."""
    from ultralytics import YOLO

    model = YOLO(str(LAST) if LAST.exists() else start)
    model.add_callback("on_train_epoch_start", lambda trainer: thaw(trainer, frozen_epochs))
    try:
        model.train(
            data=str(write_data()), project=str(HERE), name=RUN.name, exist_ok=True, resume=LAST.exists(), **arguments
        )
    except AssertionError as error:
        if "nothing to resume" not in str(error):  # the training has ended already; only the zip was missing
            raise


def thaw(trainer: Any, frozen_epochs: int) -> None:
    """Let the whole network learn once the head has settled."""
    if trainer.epoch < frozen_epochs or len(trainer.freeze_layer_names) == 1:
        return
    trainer.freeze_layer_names = [".dfl"]
    for name, parameter in trainer.model.named_parameters():
        if ".dfl" not in name and parameter.dtype.is_floating_point:
            parameter.requires_grad = True
    trainer.model.train()


def write_data() -> Path:
    """Write data.yaml with the folder where this kit lies now, and return it. JSON is YAML too."""
    kit = json.loads((HERE / "kit.json").read_text(encoding="utf-8"))
    names = dict(enumerate(kit["labels"]))
    data = {"path": str(HERE / "data"), "train": "train.txt", "val": "val.txt", "names": names}
    path = HERE / "data" / "data.yaml"
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2), encoding="utf-8")
    return path


def pack() -> None:
    """Pack what goes back: the curves, the settings, the best weights, and which kit they are of."""
    unfinished = RESULT.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(HERE / "kit.json", "kit.json")
        for name in BROUGHT_BACK:
            archive.write(RUN / name, name)
    unfinished.replace(RESULT)


if __name__ == "__main__":
    main()
