"""The form by which a file is sent to be imported: what was typed, what is wrong with it, and what may be chosen."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from gridmap import layers as definitions
from gridmap.coordinates import get_system
from gridmap.domain import import_form
from gridmap.domain.definition import Text
from gridmap.domain.import_form import Form as Layer
from gridmap.errors import GridmapError, NotFoundError, UserError
from gridmap.web import import_words, language, view

SYSTEMS = ("cgcs2000", "wgs84", "gcj02", "bd09", "EPSG:4547", "EPSG:4526")
"""Coordinate systems that a page offers: degrees, and metres of this city's meridian; the command line takes more."""


SAID = ("day", "crs", "replace", "repair")
"""Fields in which it is said how a file is to be read; a file that was sent is read again with others."""


@dataclass
class Form:
    """values and errors by field; notice: about the whole."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def first_wrong(self) -> str | None:
        """Return the first field that is wrong, where the reader goes on."""
        return next(iter(self.errors), None)


def told(error: GridmapError) -> str:
    """Return the sentence of an error in the page's language, in English where it has no other, without options."""
    return import_words.plain(Text(error.zh or str(error), str(error)))


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what can be imported: layers, those of one kind after another under the layer's title."""
    lang = language.current()
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in import_form.list_forms():
        group = definitions.load().get(one.layer_id).title.get(lang) if one.kind else _("其他图层")
        groups.setdefault(group, []).append((one.label, one.title.get(lang)))
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def refused() -> list[tuple[str, str]]:
    """Return what is not imported here: the layer's title, and why with where to go instead."""
    lang = language.current()
    return [
        (definitions.load().get(layer_id).title.get(lang), why.get(lang))
        for layer_id, why in import_form.list_refused()
    ]


def layer_of(what: str) -> Layer:
    """Return what a choice stands for; NotFoundError for none."""
    layer, _slash, kind = what.partition("/")
    try:
        return import_form.load(layer, kind or None)
    except UserError as error:
        raise NotFoundError(str(error), zh=_("没有这种可以导入的数据。")) from error


def systems() -> list[tuple[str, str]]:
    """Return the coordinate systems to choose from, the first being that nobody says."""
    lang = language.current()
    named = [(key, get_system(key)) for key in SYSTEMS]
    return [("", _("由平台判断")), *((key, one.en if lang == "en" else one.zh) for key, one in named)]


def read(sent: Mapping[str, str], name: str, today: dt.date) -> tuple[Form, dict[str, Any] | None]:
    """Return the form that was sent, and what it says of the file; None when something in it is wrong."""
    form = Form({each: (sent.get(each) or "").strip()[:60] for each in ("what", *SAID)})
    said = read_said(form, today)
    try:
        layer = layer_of(form.values["what"])
    except NotFoundError:
        form.errors = {"what": _("请选择文件里是什么。"), **form.errors}
        return form, None
    refuse_replacing(form, layer)
    if form.errors:
        return form, None
    return form, {"layer": layer.layer_id, "kind": layer.kind, "file": plain_name(name), **said}


def read_said(form: Form, today: dt.date) -> dict[str, Any]:
    """Return day, system and whether to replace, and tell in the form what is wrong with them."""
    values = form.values
    day = _day(values.get("day", ""), today)
    if day is None:
        form.errors["day"] = _("应为年-月-日，例如 %(day)s。", day=today)
    if values.get("crs") and not _is_system(values["crs"]):
        form.errors["crs"] = _("请从列表里选择坐标系。")
    return {
        "day": (day or today).isoformat(), "crs": values.get("crs") or None, "replace": values.get("replace") == "yes",
        "repair": values.get("repair") == "yes",
    }  # fmt: skip


def refuse_replacing(form: Form, layer: Layer) -> None:
    """Tell where what a file no longer names cannot be ended."""
    if form.values.get("replace") == "yes" and layer.gone == "refuse":
        form.errors["replace"] = _("这种数据不能整体替换：文件里没有的，不等于已经没有了。")


def plain_name(name: str) -> str:
    """Return a file's name without folders and invisible characters."""
    text = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if not unicodedata.category(c).startswith("C"))
    return text.strip()[-120:] or _("未命名")


def _is_system(name: str) -> bool:
    """Return whether a system is known: a report may propose one that a page's list does not have."""
    try:
        return get_system(name).key == name
    except UserError:
        return False


def _day(text: str, today: dt.date) -> dt.date | None:
    if not text:
        return today
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and view.FIRST_DAY <= day <= view.LAST_DAY else None
