"""Photos to a run: the entry point of training, from a list of files to a folder under `weights/`.

Steps, each in its own file: photos into groups and folds (`training_set`), a network to start from (`backbones`),
features (`features`), perhaps fine-tuning (`fine_tune`), a head (`head`), all of it once per fold (`out_of_fold`) and
once for what ships, then the ONNX graph (`export`), what it says of the photos kept apart (`fixed_test`), and the files
beside it (`run_files`, `model_card`). No run is written before the very end. Runs in a process of its own: it imports
tensorflow.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.classifier.backbone_file import BACKBONE_FILE, backbone_of, saved_backbone, shares_backbone, start_of
from core.classifier.backbones import Start, describe_start, load_backbone
from core.classifier.config import TrainConfig
from core.classifier.duration import SECONDS, planned
from core.classifier.epochs import EPOCHS_FILE, EpochRow, write_epochs
from core.classifier.export import check_export, to_onnx
from core.classifier.features import extract_features
from core.classifier.fine_tune import Tuner
from core.classifier.fixed_test import judge_fixed_test
from core.classifier.model_card import MODEL_CARD_FILE, write_model_card
from core.classifier.network import join
from core.classifier.out_of_fold import ALL, Fitted, Workshop, fit_on, judge_out_of_fold
from core.classifier.preprocess import make_views
from core.classifier.progress import Steps
from core.classifier.rehearsal import DIGEST, backbone_digest, rehearse
from core.classifier.run_files import build_manifest, embeddings_npz, predictions_csv, training_scores
from core.classifier.training_set import PIXELS_KEPT_BYTES, PixelSource, read_training_set
from core.dataset.folder import FolderPhoto
from core.errors import MissingPackage, StorageUnavailable
from core.jobs.report import Report
from core.metrics.out_of_fold import OutOfFoldReport, evaluate_out_of_fold
from core.metrics.probabilities import softmax
from core.weights.folder import Run, write_run
from core.weights.manifest import MODEL_FILE, Calibration
from core.weights.records import EMBEDDINGS_FILE, PREDICTIONS_FILE

EXPORT_CHECKED_PHOTOS = 32
TRAINING_PACKAGES = ("tensorflow", "keras", "tf2onnx", "scipy")
log = logging.getLogger(__name__)


def train_classifier(
    photos: Sequence[FolderPhoto],
    config: TrainConfig,
    class_ids: Mapping[str, int],
    weights_dir: Path,
    report: Report,
    serving: Run | None = None,
) -> str:
    """Train a classifier and write its run, whole or not at all.

    Args:
        photos: files with their class; those of no known place teach it to say "none of these". Those of the test
            split are never learned from; the others go through the folds, whichever their split.
        config: every setting.
        class_ids: class number by slug, of all places of the catalogue.
        weights_dir: where the run's folder is written.
        report: told every few photos; what it raises ends the training.
        serving: the run in service; places that only it knows are rehearsed where that can be done, and its backbone
            is started from when ImageNet weights were asked for and cannot be fetched.

    Returns:
        The run's name.

    Raises:
        InvalidInput: see `read_training_set`, `require_outputs` and `load_backbone`.
        StorageUnavailable: Keras' weights cannot be fetched, or the run cannot be written.
        ModelRefused: code "classifier.export_differs"; see `check_export`.
        JobStopped: `report` asked to stop; nothing is written.
        MissingPackage: see `prepare_tensorflow`.
    """
    steps = Steps(report, planned(config, len(photos)))
    steps.advance(0, "train.starting")
    prepare_tensorflow(config)
    backbone, start = _start(config, serving, steps)
    found = read_training_set(photos, class_ids, config, steps)
    pixels = PixelSource(found.paths, config.views.need_px, 0 if config.fine_tune == "none" else PIXELS_KEPT_BYTES)
    features = extract_features(backbone, pixels, config, steps)
    remembered = rehearse(serving, backbone, found, features, config)
    found, features = remembered.photos, remembered.features
    if remembered.slugs:
        steps.advance(0, "train.rehearsed", slugs=", ".join(remembered.slugs))
    found.require_outputs()
    tuner = Tuner(backbone, found.output_count, config) if config.fine_tune != "none" else None
    shop = Workshop(found, pixels, backbone, features, tuner, config, steps)
    held_out_logits, epochs = judge_out_of_fold(shop)
    target, rule = config.target_false_accept, found.acceptance_rule
    judged = evaluate_out_of_fold(held_out_logits, found.labels, found.folds, target, rule, found.has_none_output)
    steps.advance(0, "train.shipping")
    ships = fit_on(shop, np.arange(len(found.labels)), ALL)
    if found.has_none_output:
        ships = replace(ships, head=ships.head.with_none_raised(judged.none_offset))
    return _write(shop, ships, [*epochs, *ships.epochs], judged, start, weights_dir)


def _start(config: TrainConfig, serving: Run | None, steps: Steps) -> tuple[Any, Start]:
    """Load the backbone; offline, take that of the run in service where it is of the same kind, and say so."""
    start = describe_start(config.backbone, config.pretrained)
    try:
        return load_backbone(config.backbone, config.pretrained), start
    except StorageUnavailable:
        if serving is None or not shares_backbone(serving, config.backbone):
            raise
        steps.advance(0, "train.start_from_service", run_id=serving.manifest.run_id)
        return backbone_of(serving), start_of(serving)


def prepare_tensorflow(config: TrainConfig) -> None:
    """Seed everything and make sums come out the same each time; limit threads where tensorflow has not started yet.

    Raises:
        MissingPackage: what training needs beyond answering is not installed.
    """
    for package in TRAINING_PACKAGES:
        if find_spec(package) is None:
            raise MissingPackage(package=package)
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(config.seed)
    tf.config.experimental.enable_op_determinism()
    if config.threads:
        try:
            tf.config.threading.set_intra_op_parallelism_threads(config.threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError:
            log.info("tensorflow has started in this process already; its threads stay as they are")


def _write(
    shop: Workshop,
    ships: Fitted,
    epochs: Sequence[EpochRow],
    judged: OutOfFoldReport,
    start: Start,
    weights_dir: Path,
) -> str:
    """Export, compare, describe and write."""
    photos, config = shop.photos, shop.config
    rule = photos.acceptance_rule
    calibration = Calibration(
        judged.temperature, rule, judged.threshold, config.target_false_accept, judged.refusal_tested
    )
    trained_on = softmax(ships.logits(np.arange(len(photos.labels))), judged.temperature)
    scores = {
        **{f"held_out_{name}": score for name, score in judged.scores(photos.slugs).items()},
        **{f"train_{name}": score for name, score in training_scores(photos, trained_on, judged.threshold).items()},
    }
    facts = {
        DIGEST: backbone_digest(shop.backbone),
        "remembered": photos.remembered,
        SECONDS: round(shop.steps.seconds, 1),
    }
    manifest = build_manifest(photos, config, start, calibration, scores, facts)
    shop.steps.advance(0, "train.exporting")
    onnx_bytes = _exported(shop, ships)
    tested = judge_fixed_test(onnx_bytes, manifest, photos, shop.steps)
    manifest = replace(manifest, scores={**manifest.scores, **tested.scores})
    contents = {
        MODEL_FILE: onnx_bytes,
        PREDICTIONS_FILE: predictions_csv(photos, judged.probabilities, trained_on),
        EMBEDDINGS_FILE: embeddings_npz(photos, ships.features.served),
        EPOCHS_FILE: write_epochs(epochs),
        BACKBONE_FILE: saved_backbone(shop.backbone),
        MODEL_CARD_FILE: write_model_card(manifest, start, config, photos.left_out),
        **tested.contents,
    }
    shop.steps.finish("train.writing")
    return write_run(weights_dir, manifest, contents).manifest.run_id


def _exported(shop: Workshop, ships: Fitted) -> bytes:
    """Return the ONNX graph of what ships, after it agreed with Keras on photos from all over the set."""
    network = join(shop.backbone, ships.head, shop.config.size_px)
    onnx_bytes = to_onnx(network)
    count = len(shop.photos.labels) - shop.photos.remembered
    chosen = np.unique(np.linspace(0, count - 1, min(count, EXPORT_CHECKED_PHOTOS)).astype(int)).tolist()
    check_export(
        onnx_bytes, network, np.stack([make_views(shop.pixels[index], shop.config.views)[0] for index in chosen])
    )
    return onnx_bytes
