"""The whole answer path: from a photo's bytes to a place, or to "none of these".

`identify_bytes` and `identify_photo` are what the app and the command line call; `ModelShelf` hands out the models of
the release in service; `as_document` writes an answer as the JSON of the command line.
"""

from core.identify.document import as_document, as_error
from core.identify.identify import PlaceDirectory, identify_bytes, identify_photo
from core.identify.models import Models, ModelShelf

__all__ = ["ModelShelf", "Models", "PlaceDirectory", "as_document", "as_error", "identify_bytes", "identify_photo"]
