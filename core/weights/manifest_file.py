"""Manifests as the bytes of `manifest.json`, of classifiers, detectors and fusion trees.

Reading is strict: an unknown task, format or key, a missing key, a wrong type or a value out of range refuses the
model.
"""

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from core.errors import ModelRefused
from core.weights.detector_manifest import DetectorManifest
from core.weights.fusion_manifest import FusionManifest
from core.weights.manifest import MANIFEST_FILE, MANIFEST_FORMAT, MODEL_FILE, Manifest

AnyManifest = Manifest | DetectorManifest | FusionManifest

_ADAPTERS: dict[str, TypeAdapter[Manifest] | TypeAdapter[DetectorManifest] | TypeAdapter[FusionManifest]] = {
    "classifier": TypeAdapter(Manifest),
    "detector": TypeAdapter(DetectorManifest),
    "fusion": TypeAdapter(FusionManifest),
}


def to_json(manifest: AnyManifest) -> bytes:
    """Write a manifest as the bytes of its file, checked by reading them back.

    Raises:
        ModelRefused: code "model.manifest"; the manifest says something that no reader would accept.
    """
    adapter: TypeAdapter[AnyManifest] = TypeAdapter(type(manifest))
    content = adapter.dump_json(manifest, indent=2, ensure_ascii=False) + b"\n"
    parse_manifest(content, manifest.run_id)
    return content


def parse_manifest(content: bytes, run_id: str) -> AnyManifest:
    """Read the bytes of `manifest.json` of the run named `run_id`.

    Raises:
        ModelRefused: code "model.format" for a format that is not this one; "model.manifest", with the first
            field that is wrong; "model.classes" for class numbers, labels or slugs that occur twice.
    """
    try:
        document = from_json(content)
        if not isinstance(document, dict) or document.get("format") != MANIFEST_FORMAT or "task" not in document:
            raise ModelRefused("model.format", run_id=run_id, file=MANIFEST_FILE, field="format")
        adapter = _ADAPTERS.get(str(document["task"]))
        if adapter is None:
            raise ModelRefused("model.manifest", run_id=run_id, file=MANIFEST_FILE, field="task")
        manifest = adapter.validate_json(content)
    except ValueError as error:
        field = _first_field(error) if isinstance(error, ValidationError) else "JSON"
        raise ModelRefused("model.manifest", run_id=run_id, file=MANIFEST_FILE, field=field) from error
    _check_files(manifest, run_id)
    if isinstance(manifest, Manifest):
        _check_classifier(manifest)
    elif isinstance(manifest, DetectorManifest):
        if not manifest.labels and MODEL_FILE in manifest.files:
            raise ModelRefused("model.manifest", run_id=run_id, file=MANIFEST_FILE, field="labels")
        _check_unique(run_id, [entry.label_id for entry in manifest.labels])
        _check_unique(run_id, [entry.slug for entry in manifest.labels])
    return manifest


def _first_field(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.errors()[0]["loc"]) or "JSON"


def _check_files(manifest: AnyManifest, run_id: str) -> None:
    """Refuse a manifest that lies in the folder of another run, or lists itself."""
    for field, is_wrong in {"run_id": manifest.run_id != run_id, "files": MANIFEST_FILE in manifest.files}.items():
        if is_wrong:
            raise ModelRefused("model.manifest", run_id=run_id, file=MANIFEST_FILE, field=field)


def _check_classifier(manifest: Manifest) -> None:
    """Refuse what is well formed and cannot be true."""
    wrong = {
        "calibration.acceptance": manifest.calibration.acceptance != "max_probability" and not manifest.has_none_output,
        "input": manifest.input.width_px != manifest.input.height_px,
        "classes": not manifest.classes and MODEL_FILE in manifest.files,
    }
    for field in (name for name, is_wrong in wrong.items() if is_wrong):
        raise ModelRefused("model.manifest", run_id=manifest.run_id, file=MANIFEST_FILE, field=field)
    _check_unique(manifest.run_id, list(manifest.class_ids))
    _check_unique(manifest.run_id, [entry.slug for entry in manifest.classes])


def _check_unique(run_id: str, values: list[int] | list[str]) -> None:
    if len(set(values)) != len(values):
        raise ModelRefused("model.classes", run_id=run_id, expected=len(values), found=len(set(values)))
