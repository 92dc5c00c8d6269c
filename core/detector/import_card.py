"""MODEL_CARD.md of a detector that was trained elsewhere, on photos of which nothing is known here."""

from collections.abc import Iterable

from core.weights.detector_manifest import DetectorManifest

SETTINGS_SHOWN = 40  # ultralytics writes about a hundred; the manifest has all


def write_import_card(manifest: DetectorManifest) -> bytes:
    """Return the card as Markdown, UTF-8."""
    parts = (_heading(manifest), _origin(manifest), _scores(manifest))
    return ("\n\n".join("\n".join(part) for part in parts) + "\n").encode()


def _heading(manifest: DetectorManifest) -> Iterable[str]:
    yield f"# {manifest.run_id}"
    yield ""
    if manifest.labels:
        yield f"Finds {len(manifest.labels)} landmark parts on a photo: {', '.join(e.slug for e in manifest.labels)}."
        yield f"{_plain(manifest.architecture)}, longer side {manifest.input.size_px} px."
    else:
        yield "The epochs and settings of a training, without a model: it cannot be put in service."
    yield f"Imported on {manifest.created_at:%Y-%m-%d}. Licence: {manifest.licence}."


def _origin(manifest: DetectorManifest) -> Iterable[str]:
    yield "## Made from"
    yield ""
    yield "It was trained elsewhere. Which photos it learned from, how many and whose, is not known here."
    yield ""
    settings = list(manifest.training.config.items())
    yield from (f"- {_plain(name)}: {_plain(str(value))}" for name, value in settings[:SETTINGS_SHOWN])


def _scores(manifest: DetectorManifest) -> Iterable[str]:
    yield "## How well it does"
    yield ""
    yield "Not known: no photo that it never saw has judged it here. The scores in its own log were reached on photos"
    yield "by which its best epoch may have been chosen, and say less about new ones."


def _plain(text: str) -> str:
    """Return text from outside as one line in which nothing is Markdown."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|!" else letter for letter in line)
