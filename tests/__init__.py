"""Tests of Eodi; they mirror the source tree."""
