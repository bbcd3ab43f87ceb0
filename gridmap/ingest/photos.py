"""Photos from phones: looked at with suspicion, drawn anew as small JPEGs, rid of every note but time and place.

What is kept holds no EXIF at all: when and where it was taken are returned beside it and stand in columns.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import math
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from gridmap.errors import UserError
from gridmap.geo import inside_envelope

MAX_BYTES = 12 * 1024 * 1024
"""Largest file that is looked at."""

MAX_SIDE = 2048
"""Longest side of what is kept, pixels."""

MAX_PIXELS = 64_000_000
"""Most pixels of a JPEG, which is made smaller while it is read."""

MAX_PIXELS_WHOLE = 24_000_000
"""Most pixels of a PNG or WebP, which must be read whole."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_LOCAL = ZoneInfo("Asia/Shanghai")
_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
# one at a time in a process: a large picture takes memory while it is read
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Photo:
    """A photo as it is kept. content: JPEG. taken_at, lon, lat: the camera's note in degrees, None without one."""

    content: bytes
    width: int
    height: int
    taken_at: dt.datetime | None
    lon: float | None
    lat: float | None

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


class PhotoError(UserError):
    """A file that is not taken as a photo. code: which sentence of the page tells why."""

    slug = "bad-photo"

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def read(content: bytes) -> Photo:
    """Return a photo drawn anew from the bytes of a JPEG, PNG or WebP.

    Errors: PhotoError when it is empty, too large, of another format by its content (whatever its name), or damaged.
    """
    if not content:
        raise PhotoError("empty", "the photo is an empty file")
    if len(content) > MAX_BYTES:
        raise PhotoError("bytes", f"the photo has {len(content)} bytes; expected at most {MAX_BYTES}")
    with _one_at_a_time:
        try:
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                return _drawn_anew(image)
        except UnidentifiedImageError as error:
            raise PhotoError("format", "the file is no JPEG, PNG or WebP picture") from error
        except Image.DecompressionBombError as error:
            raise PhotoError("pixels", "the photo has far too many pixels") from error
        except (OSError, ValueError, SyntaxError, OverflowError, EOFError, MemoryError) as error:
            raise PhotoError("damaged", "the photo is damaged and cannot be read") from error


def _drawn_anew(image: Image.Image) -> Photo:
    width, height = image.size
    limit = MAX_PIXELS if image.format in ("JPEG", "MPO") else MAX_PIXELS_WHOLE
    if width * height > limit:  # known from the header, before a pixel is read
        raise PhotoError("pixels", f"the photo has {width} × {height} pixels; expected at most {limit}")
    taken_at, place = _notes(image)
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))
    image.load()
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    clean = _flat(upright)
    clean.info.clear()  # comments and profiles would be written again
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=82, optimize=True, progressive=True)
    lon, lat = place or (None, None)
    return Photo(buffer.getvalue(), clean.width, clean.height, taken_at, lon, lat)


def _flat(image: Image.Image) -> Image.Image:
    """Return an RGB picture; what can be seen through stands on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        ground.alpha_composite(seen)
        return ground.convert("RGB")
    return image.convert("RGB")


def _notes(image: Image.Image) -> tuple[dt.datetime | None, tuple[float, float] | None]:
    """Return when and where the camera says it was; a note that makes no sense is none."""
    try:
        exif = image.getexif()
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        return None, None
    return _time(camera), _place(gps)


def _time(camera: Mapping[int, Any]) -> dt.datetime | None:
    found = _TIME.match(str(camera.get(ExifTags.Base.DateTimeOriginal, "")))
    if not found:
        return None
    offset = _OFFSET.match(str(camera.get(ExifTags.Base.OffsetTimeOriginal, "")))
    zone: dt.tzinfo = _LOCAL
    try:
        if offset:
            ahead = dt.timedelta(hours=int(offset[2]), minutes=int(offset[3]))
            zone = dt.timezone(ahead if offset[1] == "+" else -ahead)
        return dt.datetime(*map(int, found.groups()), tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], str(gps.get(ExifTags.GPS.GPSLatitudeRef, "N")), "S")
        lon = _degrees(gps[ExifTags.GPS.GPSLongitude], str(gps.get(ExifTags.GPS.GPSLongitudeRef, "E")), "W")
    except (KeyError, ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None
    return (lon, lat) if inside_envelope(lon, lat) else None


def _degrees(parts: Any, side: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value):
        raise ValueError(value)
    return -value if side.upper().startswith(negative) else value
