"""Eodi's core: from a photo to a place, without any user interface.

Packages, from the top down: cli, identify, fusion, classifier, metrics, dataset, weights, jobs, db, settings, logs,
messages, domain, errors. Nothing imports upwards, and nothing here imports streamlit; `docs/architecture.md` draws it.
"""
