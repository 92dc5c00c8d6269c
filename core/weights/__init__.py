"""Trained models on disk: the folder of a run, its manifest, and which runs are in service.

`folder` writes a run whole or not at all and opens it only when every file is the one that its manifest names;
`manifest` is that description; `records` are the tables beside the model; `release` says what answers now.
Nothing here runs a model: that is `core/classifier`. Nothing here unpickles.
"""
