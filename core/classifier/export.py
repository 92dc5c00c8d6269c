"""A Keras network to one ONNX graph, and proof that the two say the same.

The graph is frozen first and then converted by tf2onnx: Keras' own export loses inputs of EfficientNetV2. Nothing is
handed on unless both agree on photos. Called by `train`.
"""

import logging
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.network import OUTPUTS
from core.errors import ModelRefused

INPUT = "views"
OPSET = 17  # the newest that tf2onnx 1.17 writes and onnxruntime has read since 1.13
# Shares of an output's largest value, at least of 1. The same sums in another order of 32 bits differ by up to 2.4e-4
# in the map of a MobileNetV2 at 448 px on photos, and less after its mean. A graph that lost a part differs by 0.1
MAX_DIFFERENCE = {"logits": 5e-4, "embedding": 5e-4, "feature_map": 2e-3}


def to_onnx(network: Any) -> bytes:
    """Return the bytes of the ONNX graph: "views" (N, H, W, 3) float32 to `OUTPUTS`; N is free, H and W are fixed.

    Args:
        network: as `network.join` returns it.
    """
    import tensorflow as tf
    import tf2onnx
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # it logs, with a traceback, optimisations it leaves out
    shape = (None, *network.input_shape[1:])

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32, name=INPUT)])  # type: ignore[untyped-decorator]  # tensorflow has no types
    def forward(views: Any) -> Any:
        said = network(views, training=False)
        return {name: tf.identity(said[name], name=name) for name in OUTPUTS}

    frozen = convert_variables_to_constants_v2(forward.get_concrete_function())
    names = {f"{name}:0": name for name in (INPUT, *OUTPUTS)}
    graph, _ = tf2onnx.convert.from_graph_def(
        frozen.graph.as_graph_def(),
        input_names=[f"{INPUT}:0"],
        output_names=[f"{name}:0" for name in OUTPUTS],
        tensors_to_rename=names,
        opset=OPSET,
    )
    return bytes(graph.SerializeToString())


def check_export(onnx_bytes: bytes, network: Any, views: npt.NDArray[np.float32]) -> dict[str, float]:
    """Compare the exported graph with the network it came from.

    Args:
        onnx_bytes: as `to_onnx` returned them.
        network: the same network.
        views: (N, H, W, 3), one at a time shown to both.

    Returns:
        The largest difference of each output, as a share of its largest value or of 1.

    Raises:
        ModelRefused: code "classifier.export_differs"; which output, by how much, and the limit.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    differences = dict.fromkeys(OUTPUTS, 0.0)
    for view in views:
        expected = network(view[None], training=False)
        found = dict(zip(OUTPUTS, session.run(list(OUTPUTS), {INPUT: view[None]}), strict=True))
        for name in OUTPUTS:
            wanted = expected[name].numpy()
            gap = float(np.abs(found[name] - wanted).max() / max(1.0, np.abs(wanted).max()))
            # max() would pass over a value that is no number.
            differences[name] = gap if not gap <= differences[name] else differences[name]
    for name, gap in differences.items():
        limit = MAX_DIFFERENCE[name]
        if not gap <= limit:
            raise ModelRefused("classifier.export_differs", output=name, difference=f"{gap:.2g}", limit=limit)
    return differences
