"""What /zones/diff was asked for: two versions of a zone, or two days of a kind; mistakes in words, by field."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from flask_babel import gettext as _

from gridmap import auth
from gridmap.db.session import Connection
from gridmap.errors import NotFoundError, UserError
from gridmap.planning.diff import diff, diff_days
from gridmap.store.zone_diff import DaysDiff, Diff
from gridmap.store.zones import ZoneRow, get_zone, list_kinds, list_versions
from gridmap.web import view, words
from gridmap.web.errors import or_say
from gridmap.web.exception_form import Form
from gridmap.web.view import View

VERSIONS, DAYS = ("zone", "a", "b"), ("from", "to", "kind")


@dataclass
class Asked:
    """The form as it was sent and what it led to. versions: those of the zone that was chosen, first one first."""

    form: Form = field(default_factory=Form)
    versions: tuple[ZoneRow, ...] = ()
    found: Diff | DaysDiff | None = None

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters that ask for the same again."""
        found = self.found
        if isinstance(found, Diff):
            return {"a": str(found.a.zone_id), "b": str(found.b.zone_id)}
        if isinstance(found, DaysDiff):
            return {"from": found.day_a.isoformat(), "to": found.day_b.isoformat(), "kind": found.kind}
        return {}


def read(conn: Connection, seen: View, *, coarse_m: float = 0.0) -> Asked:
    """Read the form and answer it. coarse_m: see zone_diff.land(). NotFoundError for a version that is not there."""
    values = {name: view.parameter(name) or "" for name in (*VERSIONS, *DAYS)}
    asked = Asked(Form(values))
    if values["zone"] or values["a"] or values["b"]:
        _read_versions(conn, seen, asked, coarse_m)
    elif any(values[name] for name in DAYS):
        _read_days(conn, seen, asked, coarse_m)
    return asked


def require(conn: Connection, seen: View, *, coarse_m: float = 0.0) -> tuple[Asked, Diff | DaysDiff]:
    """Return what a file or a report is asked for; UserError with the first sentence of what is wrong."""
    asked = read(conn, seen, coarse_m=coarse_m)
    if asked.found is None:
        raise UserError(next(iter(asked.form.errors.values()), _("没有说明对比什么：应给两个版本，或两天和类别。")))
    return asked, asked.found


def _read_versions(conn: Connection, seen: View, asked: Asked, coarse_m: float) -> None:
    values, errors = asked.form.values, asked.form.errors
    chosen = {name: _version(conn, values[name], name, asked.form) for name in VERSIONS if values[name]}
    known = next((zone for zone in chosen.values() if zone is not None), None)
    if known is None:
        return
    may_drafts = auth.may("draft:read")
    asked.versions = tuple(
        one for one in list_versions(conn, known.lineage) if may_drafts or one.status == "published"
    )  # fmt: skip
    if chosen.keys() == {"zone"}:
        _choose(asked, known)
        return
    for name in ("a", "b"):
        if name not in chosen:
            errors[name] = _("请选一个版本。")
    a, b = chosen.get("a"), chosen.get("b")
    if errors or a is None or b is None:
        return
    wrong = _not_comparable(a, b)
    if wrong:
        errors["b"] = wrong
        return
    asked.found = diff(conn, a.zone_id, b.zone_id, on=seen.day, coarse_m=coarse_m)


def _choose(asked: Asked, zone: ZoneRow) -> None:
    """Offer the versions of a zone that was chosen: this one and the one before."""
    earlier = [one for one in asked.versions if one.version < zone.version]
    values = asked.form.values
    if not earlier and len(asked.versions) < 2:
        asked.form.notice = _("“%(name)s”只有一个版本，没有可以对比的。", name=zone.name)
    values["a"] = str(earlier[-1].zone_id if earlier else zone.zone_id)
    values["b"] = str(zone.zone_id if earlier else asked.versions[-1].zone_id)


def _not_comparable(a: ZoneRow, b: ZoneRow) -> str:
    if a.kind != b.kind:
        return _(
            "“%(a)s”和“%(b)s”是两类区域（%(kind_a)s、%(kind_b)s），不能对比；应选同一区域的两个版本。",
            a=a.name, b=b.name, kind_a=words.word("zone_kind", a.kind), kind_b=words.word("zone_kind", b.kind),
        )  # fmt: skip
    if a.lineage != b.lineage:
        return _(
            "“%(a)s”和“%(b)s”是两个区域，不是同一区域的两个版本；要看一类区域的变化，请用“两天之间”。",
            a=a.name, b=b.name,
        )  # fmt: skip
    return ""


def _version(conn: Connection, text: str, name: str, form: Form) -> ZoneRow | None:
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        form.errors[name] = _("版本编号“%(text)s”应为整数。", text=text[:40])
        return None
    missing = _("没有编号为“%(text)s”的法定区域。", text=text[:40])
    with or_say(missing):
        zone = get_zone(conn, int(text))
    # the database hides drafts of other counties; whoever may read no drafts at all compares none either
    if zone.status == "draft" and not auth.may("draft:read"):
        raise NotFoundError(missing)
    return zone


def _read_days(conn: Connection, seen: View, asked: Asked, coarse_m: float) -> None:
    values, errors = asked.form.values, asked.form.errors
    kind = values["kind"]
    if kind not in {one.kind for one in list_kinds(conn)}:
        errors["kind"] = _("没有“%(text)s”这一类区域。", text=kind[:40]) if kind else _("请选一类区域。")
    first, second = (_day(asked.form, name) for name in ("from", "to"))
    if first and second and first > second:
        errors["to"] = _("后一天 %(to)s 早于前一天 %(day)s，请对调。", to=second, day=first)
    if errors or first is None or second is None:
        return
    asked.found = diff_days(conn, kind, seen.county, first, second, coarse_m=coarse_m)


def _day(form: Form, name: str) -> dt.date | None:
    text = form.values[name]
    if not text:
        form.errors[name] = _("请填日期。")
        return None
    try:
        return view.parse_day(text)
    except UserError as error:
        form.errors[name] = str(error)
        return None
