"""Frozen data passed between the packages: places, photos, answers, jobs. No input, no output, no library but numpy.

A file per subject: `place`, `photo`, `answer`, `feedback`, `job`, `score`. Tables and
files are made from these elsewhere.
"""
