"""The form by which a finding is accepted as an exception, or one revoked: what was typed, and what is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from gridmap.domain.finding import Acceptance
from gridmap.web import view

LONGEST = 500


@dataclass
class Form:
    """values: what was typed, by field. errors: what is wrong with it, by field. notice: about the whole."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def first_wrong(self) -> str | None:
        """Return the first field that is wrong, where the reader goes on."""
        return next(iter(self.errors), None)


def read(sent: Mapping[str, str], fields: tuple[str, ...]) -> Form:
    """Return the fields that were sent, with what is wrong with their text."""
    form = Form()
    for name in fields:
        text = (sent.get(name) or "").strip()
        form.values[name] = text
        if not text:
            form.errors[name] = _("请填写。")
        elif len(text) > LONGEST:
            form.errors[name] = _("有 %(n)s 个字，最多 %(most)s 个。", n=len(text), most=LONGEST)
        elif "\x00" in text:
            form.values[name] = text.replace("\x00", "")
            form.errors[name] = _("含有无效字符。")
    return form


def read_acceptance(sent: Mapping[str, str], today: dt.date) -> tuple[Form, Acceptance | None]:
    """Return the form that was sent, and the exception that it asks for when nothing is wrong."""
    form = read(sent, ("reason", "document", "post", "until"))
    until = _day(form, today)
    if form.errors or until is None:
        return form, None
    values = form.values
    return form, Acceptance(values["reason"], values["document"], values["post"], until)


def _day(form: Form, today: dt.date) -> dt.date | None:
    if "until" in form.errors:
        return None
    text = form.values["until"]
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not view.FIRST_DAY <= day <= view.LAST_DAY:
        form.errors["until"] = _("应为年-月-日，例如 %(day)s。", day=today)
        return None
    if day < today:
        form.errors["until"] = _("早于平台的今天 %(day)s：例外的最后一天不能已经过去。", day=today)
        return None
    return day
