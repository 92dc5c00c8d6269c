"""What the crawl page calls things: sources, their lights, moments, reasons for which a photo is not kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.crawl.crawl import PAUSED, WAITING
from core.crawl.source import SourceInfo
from core.crawl.sources import url_list
from core.crawl.sources.registry import SOURCES, help_key
from core.domain.crawl import Crawl, SourceLight, SourceStanding
from core.domain.job import Job, JobState
from core.messages import Translator
from pages.ui.crawl_resources import names_of_places
from pages.ui.job_panel import last_words

Colour = Literal["primary", "orange", "red", "gray"]
UNENDED = (SourceLight.IDLE, SourceLight.WORKING, SourceLight.WAITING)
NAMED = 4  # reasons that are named, the most frequent first


@dataclass(frozen=True, slots=True)
class Look:
    """How a light is drawn: with an icon beside its colour, and its words beside both."""

    icon: str
    colour: Colour


STOPPED = Look(":material/pause:", "gray")
LOOKS: Mapping[SourceLight, Look] = {
    SourceLight.IDLE: Look(":material/hourglass_empty:", "gray"),
    SourceLight.WORKING: Look(":material/sync:", "primary"),
    SourceLight.WAITING: Look(":material/schedule:", "orange"),
    SourceLight.FINISHED: Look(":material/check:", "gray"),
    SourceLight.BLOCKED: Look(":material/block:", "red"),
    SourceLight.KEY_MISSING: Look(":material/key_off:", "red"),
    SourceLight.QUOTA_SPENT: Look(":material/event:", "orange"),
    SourceLight.FAILED: Look(":material/error:", "red"),
}


def source_title(name: str) -> str:
    """Return how people call a source; the name itself where it is none of ours (any more)."""
    if name == url_list.INFO.name:
        return url_list.INFO.title
    return SOURCES[name].INFO.title if name in SOURCES else name


def offer_of(t: Translator, info: SourceInfo) -> str:
    """Return what a source offers, and whether it says under which licence."""
    stated = t("crawl.page.licence_stated") if info.states_licence else t("crawl.page.licence_unstated")
    return f"{t(help_key(info.name))} {stated}"


def light_in_words(t: Translator, standing: SourceStanding, at_work: bool = True) -> str:
    """Return how a source stands, such as "waiting until 14:05". at_work: whether anything works on the crawl."""
    until = moment_in_words(t, standing.until)
    if standing.light is SourceLight.QUOTA_SPENT:
        return t("crawl.page.light_quota_until", until=until) if until else t("crawl.page.light_quota")
    if not at_work and standing.light in UNENDED:
        return t("crawl.page.light_from", until=until) if until else t("crawl.page.light_stopped")
    if standing.light is SourceLight.WAITING and until:
        return t("crawl.page.light_waiting_until", until=until)
    return {
        SourceLight.IDLE: t("crawl.page.light_idle"),
        SourceLight.WORKING: t("crawl.page.light_working"),
        SourceLight.WAITING: t("crawl.page.light_waiting"),
        SourceLight.FINISHED: t("crawl.page.light_finished"),
        SourceLight.BLOCKED: t("crawl.page.light_blocked"),
        SourceLight.KEY_MISSING: t("crawl.page.light_key_missing"),
        SourceLight.FAILED: t("crawl.page.light_failed"),
    }[standing.light]


def look_of(standing: SourceStanding, at_work: bool = True) -> Look:
    """Return how a source's light is drawn."""
    return LOOKS[standing.light] if at_work or standing.light not in UNENDED else STOPPED


def moment_in_words(t: Translator, until: datetime | None, now: datetime | None = None) -> str:
    """Return a time of today as hours and minutes, any other with its date; "" for none. Naive moments are UTC."""
    if until is None:
        return ""
    here = visitors_zone()
    local = (until if until.tzinfo else until.replace(tzinfo=UTC)).astimezone(here)
    if local.date() == (now or datetime.now(UTC)).astimezone(here).date():
        return f"{local:%H:%M}"
    return t.moment(local)


def visitors_zone() -> tzinfo | None:
    """Return the time zone of the visitor's browser, None (that of this machine) where it says none that is known."""
    try:
        return ZoneInfo(str(st.context.timezone)) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def places_in_words(t: Translator, crawl: Crawl) -> str:
    """Return the places of a crawl by their names."""
    names = names_of_places(t)
    return ", ".join(names.get(slug, slug) for slug in crawl.spec.place_slugs)


def in_words(t: Translator, job: Job) -> str:
    """Return how a crawl stands as one sentence."""
    if job.state is JobState.CANCELLING:
        return t("crawl.page.stopping")
    if job.state is JobState.CANCELLED:
        return t("crawl.page.cancelled")
    if job.state is JobState.INTERRUPTED:
        return t("crawl.page.interrupted")
    if job.state is JobState.SUCCEEDED:  # how many of what, and when to come back, stands below
        return t("crawl.page.paused") if job.message == PAUSED else t("crawl.page.done")
    if job.message == WAITING:
        return t("crawl.page.waiting")
    return last_words(t, job) or (t("crawl.page.at_work") if job.state is JobState.RUNNING else t("job_panel.waiting"))


def counts_in_words(t: Translator, standing: SourceStanding) -> str:
    """Return what a source has brought so far."""
    refused = sum(standing.refused.values())
    return t("crawl.page.counts", found=standing.found, kept=standing.kept, known=standing.known, refused=refused)


def refused_in_words(t: Translator, refused: Mapping[str, int]) -> str:
    """Return why photos were refused, the most frequent reasons first; "" for none."""
    counts = Counter[str]()
    for code, count in refused.items():
        counts[reason_in_words(t, code)] += count
    told = counts.most_common(NAMED)
    rest = counts.total() - sum(count for _, count in told)
    told += [(t("crawl.page.reason_rest"), rest)] if rest else []
    return " · ".join(f"{name} {t.number(count)}" for name, count in told)


def reason_in_words(t: Translator, code: str) -> str:
    """Return in a few words why a photo was not kept."""
    told = {
        "photo.too_small": t("crawl.page.reason_small"),
        "photo.too_large": t("crawl.page.reason_large"),
        "photo.too_many_pixels": t("crawl.page.reason_large"),
        "crawl.licence": t("crawl.page.reason_licence"),
        "crawl.far": t("crawl.page.reason_far"),
        "network.robots": t("crawl.page.reason_robots"),
        "network.address": t("crawl.page.reason_address"),
    }
    families = {"network": t("crawl.page.reason_network"), "photo": t("crawl.page.reason_no_photo")}
    return told.get(code) or families.get(code.partition(".")[0]) or t("crawl.page.reason_network")
