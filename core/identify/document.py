"""An answer as one JSON object, in the form that `python -m core identify --json` promises."""

from typing import Any

from core.domain.answer import Identification, PositionEvidence
from core.domain.place import Language, Place
from core.errors import EodiError
from core.messages import describe, explain


def as_document(photo: str, answer: Identification, language: Language) -> dict[str, Any]:
    """Return the JSON object of one answered photo; `photo` is the name it was given by."""
    return {
        "photo": photo,
        "place": _place(answer.place) if answer.place else None,
        "confidence": round(answer.confidence, 6),
        "decided_by": answer.decided_by.value,
        "witnesses": [witness.value for witness in answer.witnesses],
        "reason": explain(answer, language),
        "scores": [
            {"class_id": s.place.class_id, "slug": s.place.slug, "probability": round(s.probability, 6)}
            for s in answer.scores
        ],
        "boxes": [
            {
                "class_id": b.class_id,
                "label": b.label,
                "confidence": round(b.confidence, 6),
                "xyxy_px": [round(side, 2) for side in b.xyxy_px],
            }
            for b in answer.boxes
        ],
        "gps": _position(answer.position) if answer.position else None,
        "timings_ms": {name: round(value, 2) for name, value in answer.timings_ms.items()},
        "release": answer.release,
    }


def as_error(photo: str, error: EodiError, language: Language) -> dict[str, Any]:
    """Return the JSON object of a photo that could not be read."""
    return {"photo": photo, "error": {"code": error.code, "message": describe(error, language)}}


def _place(place: Place) -> dict[str, Any]:
    return {"class_id": place.class_id, "slug": place.slug, "name_ko": place.name.ko, "name_en": place.name.en}


def _position(evidence: PositionEvidence) -> dict[str, Any]:
    return {
        "latitude": evidence.position.latitude,
        "longitude": evidence.position.longitude,
        "nearest_slug": evidence.nearest.slug if evidence.nearest else None,
        "distance_m": round(evidence.distance_m, 1) if evidence.distance_m is not None else None,
    }
