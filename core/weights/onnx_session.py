"""Load an exported graph for ONNX Runtime, from bytes that were checked, in a session that may open no other file.

Used by classifier and detector alike.
"""

import os
from typing import Any

import onnxruntime

from core.errors import ModelRefused
from core.weights.manifest import MODEL_FILE

FATAL = 4  # onnxruntime's log level: what goes wrong is raised, not printed as well


def open_session(model: bytes, run_id: str, threads: int) -> Any:
    """Make a session from a model in memory that may name no other file.

    onnxruntime would look for tensors that a model keeps elsewhere in the working folder; in no file it finds none.
    Source: onnxruntime_session_options_config_keys.h.

    Raises:
        ModelRefused: code "model.broken"; it is no network.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelRefused("model.broken", run_id=run_id, file=MODEL_FILE) from error
