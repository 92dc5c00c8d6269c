"""The tables beside a model."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelRefused
from core.weights.records import (
    EmbeddingTable,
    PredictionTable,
    read_embeddings,
    read_predictions,
    write_embeddings,
    write_predictions,
)

PREDICTIONS = PredictionTable(
    class_ids=(0, 4),
    sha256s=("a" * 64, "b" * 64),
    groups=("g1", "사진, 둘"),
    folds=np.array([0, 3]),
    labels=np.array([4, -1]),
    probabilities=np.array([[0.25, 0.5, 0.25], [1e-9, 0.1, 0.9]]),
    held_out=np.array([True, False]),
)
EMBEDDINGS = EmbeddingTable(
    vectors=np.eye(2, 3, dtype=np.float16),
    class_ids=np.array([0, -1]),
    groups=np.array(["1", "2"]),
    sha256s=np.array(["a" * 64, "b" * 64]),
)


class Touches:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.marker,)


def test_predictions_are_one_line_per_photo_under_class_numbers() -> None:
    header, first, *_ = write_predictions(PREDICTIONS).decode().splitlines()
    assert header == "sha256,group,fold,class_id,part,p_0,p_4,p_none"
    assert first == f"{'a' * 64},g1,0,4,held_out,0.25,0.5,0.25"


def test_predictions_come_back_as_they_were() -> None:
    table = read_predictions(write_predictions(PREDICTIONS))
    assert (table.class_ids, table.sha256s, table.groups) == ((0, 4), PREDICTIONS.sha256s, PREDICTIONS.groups)
    for name in ("folds", "labels", "probabilities", "held_out"):
        assert (getattr(table, name) == getattr(PREDICTIONS, name)).all()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"a,b\n",
        b"sha256,group,fold,class_id,part,p_0\nx,1,one,0,train,1\n",
        b"sha256,group,fold,class_id,part,p_0\nx,1,0,0,train\n",
        b"sha256,group,fold,class_id,part,oops\n",
    ],
)
def test_another_table_is_refused(content: bytes) -> None:
    with pytest.raises(ModelRefused, match=r"model\.table"):
        read_predictions(content)


def test_embeddings_come_back_as_they_were_in_half_precision() -> None:
    table = read_embeddings(write_embeddings(EMBEDDINGS))
    assert table.vectors.dtype == np.float16
    for name in ("vectors", "class_ids", "groups", "sha256s"):
        assert (getattr(table, name) == getattr(EMBEDDINGS, name)).all()


def test_a_pickle_among_the_embeddings_is_refused_and_not_opened(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    buffer = io.BytesIO()
    np.savez(buffer, vectors=np.array([Touches(marker)], object), class_ids=[0], groups=["1"], sha256s=["a"])
    with pytest.raises(ModelRefused, match=r"model\.table"):
        read_embeddings(buffer.getvalue())
    with pytest.raises(ModelRefused, match=r"model\.table"):
        read_embeddings(pickle.dumps(Touches(marker)))
    assert not marker.exists()


@pytest.mark.parametrize("cut", [0, 10, 200, -1])
def test_a_cut_file_is_refused(cut: int) -> None:
    with pytest.raises(ModelRefused, match=r"model\.table"):
        read_embeddings(write_embeddings(EMBEDDINGS)[:cut])


def test_arrays_of_different_length_are_refused() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, vectors=np.eye(2), class_ids=[0], groups=["1", "2"], sha256s=["a", "b"])
    with pytest.raises(ModelRefused, match=r"model\.table"):
        read_embeddings(buffer.getvalue())
