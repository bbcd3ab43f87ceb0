"""What phones send: read from JSON with one sentence per mistake, in the reader's language.

Answers are JSON as well: {"state": "sent" | "confirm" | "refused", "sentence": …}.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, jsonify
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from gridmap.domain.arrival import OLDEST, ArrivalError
from gridmap.errors import ConflictError, ForbiddenError, UserError
from gridmap.geo import inside_envelope
from gridmap.ingest.photos import MAX_BYTES, PhotoError
from gridmap.store.patrols import Point

LONGEST_WORDS = 1000
MOST_POINTS = 5000
MOST_SQUARES = 400


class Sent:
    """The fields of one entry; each method returns one of them or raises UserError with its sentence."""

    def __init__(self, text: str) -> None:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise UserError(_("没有收到内容，或内容不完整。"))
        self._content: dict[str, Any] = content

    def key(self) -> str:
        """Return the entry's key, a UUID."""
        try:
            return str(uuid.UUID(str(self._content.get("id"))))
        except ValueError:
            raise UserError(_("编号无效，应为 UUID。")) from None

    def text(self, name: str, longest: int = 200) -> str | None:
        """Return a text without spaces around it, or None."""
        value = self._content.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or "\x00" in value or not _is_unicode(value):
            raise UserError(_("%(name)s 含有无效字符。", name=name))
        if len(value.strip()) > longest:
            raise UserError(_("文字有 %(n)s 个字，最多 %(most)s 个。", n=len(value.strip()), most=longest))
        return value.strip() or None

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        return self._content.get(name) is True

    def time(self, name: str) -> dt.datetime:
        """Return an instant with its zone."""
        return _instant(self._content.get(name))

    def place(self) -> tuple[float, float, float] | None:
        """Return longitude, latitude and accuracy in metres, or None when no position was sent."""
        if self._content.get("lon") is None and self._content.get("lat") is None:
            return None
        return _position(self._content)

    def any_place(self) -> tuple[float, float, float] | None:
        """Return longitude, latitude and accuracy in metres anywhere on Earth, or None when no position was sent."""
        if self._content.get("lon") is None and self._content.get("lat") is None:
            return None
        return _position(self._content, anywhere=True)

    def value(self, name: str) -> Any:
        """Return what was sent by a name as it came; whoever asks checks it."""
        return self._content.get(name)

    def points(self) -> tuple[Point, ...]:
        """Return the check points."""
        given = self._list("points", MOST_POINTS)
        found = []
        for each in given:
            if not isinstance(each, dict):
                raise UserError(_("轨迹点无效。"))
            found.append(Point(*_position(each), _instant(each.get("at"))))
        return tuple(found)

    def codes(self, name: str) -> tuple[str, ...]:
        """Return texts, each once."""
        given = self._list(name, MOST_SQUARES)
        if not all(isinstance(each, str) and len(each) <= 40 for each in given):
            raise UserError(_("方格编号无效。"))
        return tuple(dict.fromkeys(given))

    def _list(self, name: str, most: int) -> list[Any]:
        given = self._content.get(name) or []
        if not isinstance(given, list):
            raise UserError(_("没有收到内容，或内容不完整。"))
        if len(given) > most:
            raise UserError(_("一次最多 %(most)s 项，收到 %(n)s 项。", most=most, n=len(given)))
        return given


def answers(view: Callable[..., dict[str, Any]]) -> Callable[..., Response]:
    """Have a view answer in JSON, its mistakes too: scripts show the sentence beside the entry."""

    @wraps(view)
    def answered(*args: Any, **values: Any) -> Response:
        try:
            content, status = view(*args, **values), 200
            if content["state"] == "confirm":
                status = 409
        except (ArrivalError, PhotoError) as error:
            content, status = {"state": "refused", "sentence": _sentence(error.code)}, error.status
        except RequestEntityTooLarge as error:
            content, status = {"state": "refused", "sentence": _sentence("bytes")}, error.code or 413
        except ConflictError:
            content, status = {"state": "refused", "sentence": _("这个编号已被占用，请重新填写。")}, 409
        except (UserError, ForbiddenError) as error:
            content, status = {"state": "refused", "sentence": str(error)}, error.status
        response = jsonify(content)
        response.status_code = status
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


def _sentence(code: str) -> str:
    """Return why something was refused."""
    return {
        "future": _("手机时间有误：填写时间晚于发送时间。请校准手机时间后重新填写。"),
        "old": _("这条内容是 %(days)s 天以前填写的，太久了，不再接收。", days=OLDEST.days),
        "no_squares": _("这次巡查没有经过本网格的任何方格：请在图上点选走过的方格，或等定位误差小于 200 米再记录。"),
        "empty": _("照片文件是空的。"),
        "bytes": _("照片太大：每张最多 %(mb)s MB。", mb=MAX_BYTES // 1024 // 1024),
        "pixels": _("照片像素太多，请用普通画质重拍。"),
        "format": _("照片格式不对：只收 JPEG、PNG 和 WebP 图片。"),
        "damaged": _("照片文件已损坏，读不出来，请重拍。"),
        "signature": _("签名图片读不出来，请重新签名。"),
        "unsigned": _("签名是空白的，请重新签名，或勾选以岗位名义确认。"),
    }[code]


def _position(given: dict[str, Any], *, anywhere: bool = False) -> tuple[float, float, float]:
    lon, lat = _number(given.get("lon")), _number(given.get("lat"))
    accuracy = _number(given.get("accuracy_m", 0))
    if not all(map(math.isfinite, (lon, lat, accuracy))) or accuracy < 0 or accuracy >= 200_000:
        raise UserError(_("位置无效：经纬度和误差应为数字。"))
    if anywhere and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise UserError(_("位置无效：经纬度和误差应为数字。"))
    if not anywhere and not inside_envelope(lon, lat):
        raise UserError(_("位置（%(lon).4f，%(lat).4f）不在本市范围内，请检查定位。", lon=lon, lat=lat))
    return lon, lat, accuracy


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _instant(value: Any) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    # a year's distance from the ends of the calendar leaves room for zones and clocks
    if instant is None or instant.tzinfo is None or not dt.MINYEAR + 1 < instant.year < dt.MAXYEAR:
        raise UserError(_("时间无效。"))
    return instant


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
