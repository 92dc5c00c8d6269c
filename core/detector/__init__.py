"""The detector: landmark parts found on a photo as boxes with a label and a confidence.

`predict` answers through ONNX Runtime with `letterbox` and `nms` of our own, so that the app loads no torch. Training
with ultralytics happens in a child process (`train`, `child`). Scores of boxes live in `core/metrics/detection`.
"""
