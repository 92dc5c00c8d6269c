"""The child process of a training, `python -m core.detector.child TASK`: ultralytics lives and dies in here.

It writes an event after each batch and epoch, keeps whole copies of the best and the last weights, stops at the next
batch when asked (or when its parent is gone), and exports what it keeps as ONNX at the end.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from core.detector.epoch_log import forget_later_epochs, last_epoch
from core.detector.stage import BEST_FILE, EPOCHS_FILE, LAST_FILE, Stage, add_event
from core.detector.ultralytics_setup import prepare_ultralytics
from core.jobs.signals import StopRequest, catch_stop_signals

STOPPED = 3  # exit status: stopped when asked, and the weights so far are kept
OPSET = 17


class StopTraining(BaseException):
    """Leaves ultralytics' loop; not an Exception, which it might catch and go on."""


class Watcher:
    """Ultralytics' callbacks for one stage."""

    def __init__(self, stage: Stage, stop: StopRequest) -> None:
        self._stage, self._stop, self._parent = stage, stop, os.getppid()
        self._batches = 0

    def attach(self, model: Any) -> None:
        """Add the callbacks to a model."""
        model.add_callback("on_train_start", self._started)
        model.add_callback("on_train_epoch_start", self._thaw)
        model.add_callback("on_train_batch_end", self._after_batch)
        model.add_callback("on_val_batch_end", lambda validator: self._check())
        model.add_callback("on_model_save", self._keep)
        model.add_callback("on_fit_epoch_end", self._after_epoch)

    def _started(self, trainer: Any) -> None:
        trainer.eodi_ended = False
        forget_later_epochs(Path(trainer.csv), trainer.start_epoch)
        add_event(self._stage.folder, started=trainer.start_epoch, epochs=trainer.epochs)

    def _thaw(self, trainer: Any) -> None:
        """Let the whole network learn once the head has settled."""
        self._batches = 0
        if trainer.epoch < self._stage.frozen_epochs or len(trainer.freeze_layer_names) == 1:
            return
        trainer.freeze_layer_names = [".dfl"]
        for name, parameter in trainer.model.named_parameters():
            if ".dfl" not in name and parameter.dtype.is_floating_point:
                parameter.requires_grad = True
        trainer.model.train()

    def _after_batch(self, trainer: Any) -> None:
        self._batches += 1
        add_event(
            self._stage.folder,
            epoch=trainer.epoch + 1,
            epochs=trainer.epochs,
            batch=self._batches,
            batches=len(trainer.train_loader),
        )
        self._check()

    def _check(self) -> None:
        if self._stop.requested or os.getppid() != self._parent:
            raise StopTraining

    def _keep(self, trainer: Any) -> None:
        """Copy the weights whole: ultralytics writes over its own, and a kill in between would leave half a file."""
        for source, name in ((trainer.last, LAST_FILE), (trainer.best, BEST_FILE)):
            if Path(source).exists():
                _copy_whole(Path(source), self._stage.folder / name)
        _copy_whole(Path(trainer.csv), self._stage.folder / EPOCHS_FILE)

    def _after_epoch(self, trainer: Any) -> None:
        if trainer.epoch >= trainer.epochs or trainer.eodi_ended:
            return  # the final evaluation, which repeats the best epoch
        metrics = {name: float(value) for name, value in trainer.metrics.items()}
        losses = {name: float(value) for name, value in trainer.label_loss_items(trainer.tloss, prefix="train").items()}
        add_event(self._stage.folder, ended=trainer.epoch + 1, epochs=trainer.epochs, metrics=metrics | losses)
        trainer.eodi_ended = trainer.stop
        self._check()


def run_stage(stage: Stage, stop: StopRequest) -> int:
    """Train one stage to its end, or until asked to stop; return the exit status."""
    ultralytics = prepare_ultralytics(stage.threads)
    learned = _has_learned(stage) or (stage.finish and stage.weights_so_far.exists())
    if not learned and not _learn(ultralytics, stage, stop):
        return STOPPED
    export_onnx(ultralytics, stage.weights_so_far, stage.model)
    return 0


def _has_learned(stage: Stage) -> bool:
    """Whether the last epoch is kept already: the process before this one was killed while it exported."""
    log = stage.folder / EPOCHS_FILE
    if not log.exists():
        return False
    return last_epoch(log.read_text(encoding="utf-8")) >= int(stage.arguments["epochs"])


def _learn(ultralytics: Any, stage: Stage, stop: StopRequest) -> bool:
    """Train, from the last whole epoch where there is one; False when it was asked to stop."""
    last = stage.folder / LAST_FILE
    model = ultralytics.YOLO(str(last) if last.exists() else stage.weights)
    Watcher(stage, stop).attach(model)
    try:
        model.train(
            data=str(stage.data),
            project=str(stage.folder),
            name="ultralytics",
            exist_ok=True,
            resume=last.exists(),
            **stage.arguments,
        )
    except StopTraining:
        return False
    return True


def export_onnx(ultralytics: Any, weights: Path, target: Path) -> None:
    """Write the weights as an ONNX graph for inputs of any size, under `target` only when it is whole."""
    network = ultralytics.YOLO(str(weights))
    made = Path(network.export(format="onnx", dynamic=True, simplify=False, opset=OPSET, verbose=False))
    _copy_whole(made, target)
    made.unlink(missing_ok=True)


def _copy_whole(source: Path, target: Path) -> None:
    unfinished = target.with_name(f".{target.name}")
    shutil.copyfile(source, unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)


def main() -> int:
    """Run the task that the command line names."""
    with catch_stop_signals() as stop:
        return run_stage(Stage.read(Path(sys.argv[1])), stop)


if __name__ == "__main__":
    sys.exit(main())
