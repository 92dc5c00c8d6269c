"""What an import of boxes would do, before it does it: classes and their labels, photos, each bad line."""

import pandas as pd
import streamlit as st

from core.dataset.label_plan import LabelImportPlan, PhotoFate
from core.errors import PhotoRefused
from core.messages import Translator, describe
from pages.ui.text import plain

LINES_SHOWN = 200


def show_plan(t: Translator, plan: LabelImportPlan) -> bool:
    """Draw the plan; return whether there is anything to bring in."""
    _show_counts(t, plan)
    if plan.classes:
        st.dataframe(_classes(t, plan), hide_index=True, width="stretch")
    _show_bad_lines(t, plan)
    brings = plan.count(PhotoFate.NEW) + plan.count(PhotoFate.LABELLED) + plan.count(PhotoFate.UNLABELLED)
    if not brings:
        st.info(t("label.plan.nothing"))
    return brings > 0


def _show_counts(t: Translator, plan: LabelImportPlan) -> None:
    fates = {
        PhotoFate.NEW: t("label.plan.new"),
        PhotoFate.LABELLED: t("label.plan.labelled"),
        PhotoFate.SAME: t("label.plan.same"),
        PhotoFate.KEPT: t("label.plan.kept"),
        PhotoFate.UNLABELLED: t("label.plan.unlabelled"),
    }
    lines = [f"- {plain(f'{words}: {plan.count(fate)}')}" for fate, words in fates.items() if plan.count(fate)]
    lines.append(f"- {plain(t('label.plan.boxes', boxes=plan.boxes))}")
    if plan.new_places or plan.new_labels:
        lines.append(f"- {plain(t('label.plan.adds', places=len(plan.new_places), labels=len(plan.new_labels)))}")
    st.markdown("\n".join(lines))


def _classes(t: Translator, plan: LabelImportPlan) -> pd.DataFrame:
    """Return a table, whose cells show text as it is."""
    new = t("label.plan.is_new")
    return pd.DataFrame(
        {
            t("label.plan.class"): [one.name for one in plan.classes],
            t("label.plan.label"): [one.slug if one.label_id else f"{one.slug} ({new})" for one in plan.classes],
            t("label.place"): [
                f"{one.place_slug} ({new})" if one.place_is_new else one.place_slug for one in plan.classes
            ],
            t("label.quality.boxes"): [one.boxes for one in plan.classes],
        }
    )


def _show_bad_lines(t: Translator, plan: LabelImportPlan) -> None:
    lines = [f"{line.file}:{line.line} {t(line.reason, **line.values)}" for line in plan.bad_lines]
    lines += [f"{name}: {describe(PhotoRefused(code, **values), t.language)}" for name, code, values in plan.refused]
    if not lines:
        return
    with st.expander(t("label.plan.bad", count=len(lines)), expanded=True):
        st.markdown("\n".join(f"- {plain(line)}" for line in lines[:LINES_SHOWN]))
        if len(lines) > LINES_SHOWN:
            st.caption(t("label.plan.more", count=len(lines) - LINES_SHOWN))
