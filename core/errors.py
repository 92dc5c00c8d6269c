"""One tree of errors. Each has a code and values; `core/messages` puts them in words, in Korean and English.

    EodiError
    ├── PhotoRefused            a photo that is not taken in, and why
    ├── NotFound                a row, run or file that was asked for is not there
    ├── InvalidInput            a value outside what is accepted
    ├── Conflict                something else stands where this should go
    ├── ModelRefused            a model file that does not match its manifest, or cannot serve
    ├── DatabaseUnavailable     the database does not answer
    ├── StorageUnavailable      photos cannot be read or written (full, read-only, gone)
    ├── MissingPackage          an optional heavy library is not installed
    ├── NetworkFailed           the other side does not answer, or sends what is not taken
    │   ├── AddressRefused      an address that is never asked: private, not http, a redirect too many
    │   ├── RobotsRefused       robots.txt of that host does not allow it, or could not be read
    │   └── MustWait            asked to come back later; `until` says when
    ├── SourceFailed            a source of photos that cannot go on; the others do
    │   ├── SourceBlocked       a captcha, a login wall, a refusal: it is not asked again
    │   ├── SourceBusy          overloaded for now; asked again after `wait_s`
    │   ├── SourceLayoutError   its answer has changed, or is none
    │   ├── SourceKeyError      its key is missing, wrong or not allowed
    │   └── SourceQuotaSpent    no request is left until `until`
    └── JobStopped              a job was asked to stop; raised inside the job at a safe point

Codes are the catalogue keys `error.<code>`; a code missing from either catalogue turns a test red.
"""

from typing import ClassVar

Value = str | int | float


class EodiError(Exception):
    """The root. `code` names the sentence, `values` fill it."""

    default_code: ClassVar[str] = "unexpected"

    def __init__(self, code: str = "", **values: Value) -> None:
        self.code = code or self.default_code
        self.values = values
        super().__init__(f"{self.code} {values}" if values else self.code)


class PhotoRefused(EodiError):
    """A photo that is not taken in; nothing of it is kept."""

    default_code = "photo.broken"


class NotFound(EodiError):
    """Something that was asked for by name is not there."""

    default_code = "not_found"


class InvalidInput(EodiError):
    """A value outside what is accepted; the sentence names the limit."""

    default_code = "invalid_input"


class Conflict(EodiError):
    """Something else stands where this should go; nothing was changed."""

    default_code = "conflict"


class ModelRefused(EodiError):
    """A model that is not loaded; the one in service before goes on answering."""

    default_code = "model.mismatch"


class DatabaseUnavailable(EodiError):
    """The database does not answer; the next attempt may succeed by itself."""

    default_code = "database.unavailable"


class StorageUnavailable(EodiError):
    """Photos cannot be read or written."""

    default_code = "storage.unavailable"


class MissingPackage(EodiError):
    """A heavy library that this work needs is not installed; `make install` adds it."""

    default_code = "package.missing"


class JobStopped(EodiError):
    """A job was asked to stop, and stops at a safe point."""

    default_code = "job.stopped"


class NetworkFailed(EodiError):
    """The other side does not answer, or sends what is not taken."""

    default_code = "network.failed"


class AddressRefused(NetworkFailed):
    """An address that is never asked: private, not http(s), or reached by a redirect too many."""

    default_code = "network.address"


class RobotsRefused(NetworkFailed):
    """robots.txt does not allow it, or could not be read, which counts as no."""

    default_code = "network.robots"


class MustWait(NetworkFailed):
    """The host asked for a pause longer than is waited in place. values: `host`, `until` (ISO 8601, UTC)."""

    default_code = "network.wait"


class SourceFailed(EodiError):
    """A source of photos cannot go on; values: `source`, its name."""

    default_code = "source.failed"


class SourceBlocked(SourceFailed):
    """A captcha, a login wall, a refusal: it is not asked again in this crawl."""

    default_code = "source.blocked"


class SourceBusy(SourceFailed):
    """Overloaded for now, said in the body of an answer; values: `source`, `wait_s`."""

    default_code = "source.busy"


class SourceLayoutError(SourceFailed):
    """The answer is not what the source is known to send; never taken for "no results"."""

    default_code = "source.layout"


class SourceKeyError(SourceFailed):
    """The key is missing, wrong or not allowed; values: `source`, `setting`, `where`."""

    default_code = "source.key"


class SourceQuotaSpent(SourceFailed):
    """No request is left for now; values: `source`, `until` (ISO 8601, UTC)."""

    default_code = "source.quota"
