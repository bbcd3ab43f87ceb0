"""The form by which a newer list of villages is sent: what was sent, what is wrong with it, and what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from gridmap.domain import village_list
from gridmap.domain.incoming import Told
from gridmap.domain.village_list import KINDS, LineFault, NewList, NoList, Reconciliation
from gridmap.ingest import titled_rows
from gridmap.ingest.reading import ReadingError
from gridmap.ingest.reading.faults import no_room
from gridmap.store.village_changes import Applied
from gridmap.store.village_lists import Hanging
from gridmap.web import language, view, words

SHOWN = 500
"""Rows of a table on the page; the command line tells all."""


@dataclass
class Form:
    """values and errors by field; notice: about the whole, reasons: why a list was not put in force.

    digest: SHA-256 of the file that the report on the page is of.
    """

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    reasons: tuple[str, ...] = ()
    faults: tuple[LineFault, ...] = ()
    digest: str = ""
    name: str = ""
    found: Reconciliation | None = None
    hanging: Mapping[str, Hanging] = field(default_factory=dict)
    applied: Applied | None = None

    @property
    def compared(self) -> str:
        """Return a text that says which file was compared for which day: only those are put in force."""
        return f"{self.digest}@{self.values['day']}" if self.digest else ""

    @property
    def first_wrong(self) -> str | None:
        """Return the first field that is wrong, where the reader goes on."""
        return next(iter(self.errors), None)


def told(what: Told | NoList | ReadingError | LineFault | village_list.Change) -> str:
    """Return a sentence in the page's language."""
    return what.en if language.current() == "en" else what.zh


def read(sent: Mapping[str, str], name: str, content: bytes, today: dt.date) -> tuple[Form, NewList | None, dt.date]:
    """Return the form that was sent, the list in its file when it is one, and the list's first day."""
    form = Form({"day": (sent.get("day") or "").strip()[:20]}, name=name[:100])
    day = _day(form, today)
    if not name:
        form.errors["list"] = _("请选择文件。")
        return form, None, day
    try:
        listed = _read_list(form.name, content)
    except (NoList, ReadingError) as error:
        form.errors["list"] = told(error)
        return form, None, day
    form.faults = tuple(listed.faults)
    if form.faults:
        form.errors["list"] = _("有 %(n)s 行读不出来，见下表；改好后再对账。", n=len(form.faults))
        return form, None, day
    form.digest = hashlib.sha256(content).hexdigest()
    return form, None if form.errors else listed, day


def _read_list(name: str, content: bytes) -> NewList:
    # archives and databases are read from where they lie
    with tempfile.TemporaryDirectory(prefix="gridmap-list-") as folder:
        path = Path(folder) / "list"
        try:
            path.write_bytes(content)
        except OSError as error:
            raise no_room(error) from error
        with titled_rows.opened(path, village_list.has_list, name=name) as table:
            return village_list.read_list(table.sheet.header, table.rows())


def _day(form: Form, today: dt.date) -> dt.date:
    text = form.values["day"]
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not view.FIRST_DAY <= day <= view.LAST_DAY:
        form.errors["day"] = _("应为年-月-日，例如 %(day)s。", day=today)
        return today
    return day


def kind_words() -> dict[str, str]:
    """Return the kinds of change in words."""
    names: Sequence[str] = (
        _("改名"), _("改代码"), _("改属其他乡镇"), _("合并"), _("拆分"), _("新增"), _("名录中已无"),
    )  # fmt: skip
    return dict(zip(KINDS, names, strict=True))


def hangs(one: Hanging | None) -> list[str]:
    """Return what hangs on a village, a line for each kind of thing."""
    if one is None or one.is_nothing:
        return []
    things: list[tuple[str, list[Any]]] = [
        (_("双替代计划"), [_("已完成") if one.programme == "finished" else _("计划内")] if one.programme else []),
        (_("任务清单"), [_("在列")] if one.on_task_list else []),
        (_("法定区域名单"), [_zone(zone) for zone in one.zones]), (_("责任网格"), one.cells),
        (_("岗位"), [_duty(duty) for duty in one.duties]),
        (_("监管对象"), one.sites), (_("问题"), one.findings),
    ]  # fmt: skip
    return [_("%(what)s：%(things)s", what=what, things=_some(found)) for what, found in things if found]


def _zone(zone: str) -> str:
    name, side = zone.rsplit(" ", 1)
    return _("%(zone)s（列入）", zone=name) if side == "in" else _("%(zone)s（列出）", zone=name)


def _duty(duty: str) -> str:
    role, post = duty.split(" ", 1)
    return f"{words.word('duty_role', role)} {post}"


def _some(found: list[Any]) -> str:
    shown = _("、").join(str(one) for one in found[:10])
    return _("%(shown)s 等 %(n)s 项", shown=shown, n=len(found)) if len(found) > 10 else shown
