"""The form by which an object is placed on the map: what was typed, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from gridmap import glossary
from gridmap.domain import placement as rules
from gridmap.domain.placement import BASES, USUAL_ERROR_M, DoubtedError, Found, Placing
from gridmap.errors import UserError
from gridmap.web import import_form, language
from gridmap.web.import_form import SYSTEMS, Form

FIELDS = ("x", "y", "crs", "error_m", "basis", "note", "mark", "confirmed")
ON_MAP = SYSTEMS[0]
"""Coordinate system of what is pointed at on the map."""


def first() -> Form:
    """Return the form as it is before anything is typed."""
    return Form({"crs": ON_MAP, "error_m": f"{USUAL_ERROR_M:g}", "basis": BASES[0]})


def read(sent: Mapping[str, str]) -> tuple[Form, Placing | None]:
    """Return the form that was sent, and what it says; None when something in it is wrong."""
    form = Form({name: (sent.get(name) or "").strip()[:300] for name in FIELDS})
    values = form.values
    if values["crs"] not in SYSTEMS:
        form.errors["crs"] = _("请从列表里选择坐标系。")
    if not values["x"]:
        form.errors["x"] = _("还没有位置：请在图上点一处，或填写坐标。")
    error_m, note = 0.0, values["note"] or None
    try:
        error_m = rules.read_error(values["error_m"])
    except UserError as error:
        form.errors["error_m"] = import_form.told(error)
    try:
        rules.check_basis(values["basis"], note)
    except UserError as error:
        form.errors["note" if values["basis"] in BASES else "basis"] = import_form.told(error)
    if form.errors:
        form.notice = _("没有保存：请改正标出的内容。")
        return form, None
    said = Placing(
        values["x"], values["y"], values["crs"], error_m, values["basis"], note,
        mark=values["mark"] or None, confirmed=values["confirmed"] or None,
    )  # fmt: skip
    return form, said


def systems() -> list[tuple[str, str]]:
    """Return the coordinate systems to choose from: nothing is guessed of one position."""
    return import_form.systems()[1:]


def bases() -> list[tuple[str, str]]:
    """Return what somebody may have gone by."""
    lang = language.current()
    return [(basis, glossary.terms()["placement_basis"][basis][lang]) for basis in BASES]


def doubts(found: Found | None) -> list[str]:
    """Return what speaks against a position, in the page's language."""
    lang = language.current()
    return [doubt.get(lang) for doubt in found.doubts] if found else []


def doubted(error: DoubtedError) -> str:
    """Return that nothing was saved for want of a confirmation, and what is doubted."""
    why = (_("；")).join(doubts(error.found))
    return _("没有保存：%(why)s。核对后在“给出位置”一栏勾选确认，再保存。", why=why)


def judged(outcome: str) -> str:
    """Return what came of judging anew."""
    return {
        "judged": _("问题已按新位置重判。"),
        "due": _("下次审查按新位置判。"),
        "busy": _("正在审查，随后按新位置判。"),
        "failed": _("位置已保存，重判没有成功，下次审查再判。"),
    }.get(outcome, "")
