"""Files that pretend to be a model, each of which would leave a marker if anything in it were run or followed."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

from tests.support.tiny_detector import tiny_detector_onnx


class Touch:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.marker}",)


def pickled(marker: Path) -> bytes:
    """Return a bare pickle, as old programs saved weights."""
    return pickle.dumps(Touch(marker))


def torch_archive(marker: Path, protocol: int = 2) -> bytes:
    """Return what `torch.save` writes: an archive whose structure is a pickle."""
    return _zip({"best/data.pkl": pickle.dumps({"model": Touch(marker)}, protocol), "best/version": b"3\n"})


def yolov5_archive() -> bytes:
    """Return an archive whose structure names modules of YOLOv5's own program."""
    return _zip({"best/data.pkl": b"\x80\x02cmodels.yolo\nDetectionModel\n.", "best/version": b"3\n"})


def exported_program(marker: Path) -> bytes:
    """Return a .pt2, which holds a program."""
    code = pickle.dumps(Touch(marker))
    return _zip({"best/archive_format": b"pt2", "best/models/model.json": b"{}", "best/data/weights/w.pt": code})


def script(marker: Path) -> bytes:
    """Return a TorchScript archive, which is a program with numbers beside it."""
    code = b"def forward(self, x):\n  return x\n"
    return _zip({"best/data.pkl": pickle.dumps(Touch(marker), 2), "best/code/__torch__.py": code})


def keras_lambda(marker: Path) -> bytes:
    """Return a .keras with a Lambda layer."""
    layer = {"class_name": "Lambda", "config": {"function": f"__import__('os').system('touch {marker}')"}}
    config = {"class_name": "Sequential", "config": {"layers": [layer]}}
    return _zip({"config.json": json.dumps(config).encode(), "metadata.json": b"{}", "model.weights.h5": b"\x89HDF"})


def truncated_onnx() -> bytes:
    """Return the first half of a model."""
    return tiny_detector_onnx()[:-300]


def onnx_with_outside_numbers(location: str) -> bytes:
    """Return a model that takes its bias from another file."""
    import onnx

    model = onnx.load_from_string(tiny_detector_onnx())
    (bias,) = (tensor for tensor in model.graph.initializer if tensor.name == "bias")
    bias.ClearField("raw_data")
    bias.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", "8")):
        entry = bias.external_data.add()
        entry.key, entry.value = key, value
    content: bytes = model.SerializeToString()
    return content


def _zip(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
