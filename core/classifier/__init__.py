"""The classifier: a convolutional network that says which place a whole photo shows.

`train` is the entry point that makes a run, `predict` the one that answers; both see photos through `preprocess`.
Serving (`predict`, `preprocess`) needs onnxruntime, numpy and Pillow only. What a run's folder holds, and whether it is
to be trusted, is `core/weights`; how good it is, `core/metrics`; what is made of its answer, `core/fusion`.
"""
