"""Photos: what is kept of them is the picture, its time and its place, and nothing that was hidden in the file."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
import zlib

import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from gridmap.ingest import photos

SECRET = b"SECRET-SERIAL-4711"


def picture(size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """Return a picture: red on the left half, blue on the right."""
    image = Image.new(mode, size, "red" if mode != "LA" else (90, 128))
    if mode == "RGB":
        image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    return image


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noted(orientation: int = 1, lat: tuple[object, ...] = (34.0, 45.0, 36.0), offset: str | None = None) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = SECRET.decode()
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.DateTimeOriginal] = "2020:10:15 08:30:00"
    camera[ExifTags.Base.BodySerialNumber] = SECRET.decode()
    if offset:
        camera[ExifTags.Base.OffsetTimeOriginal] = offset
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", lat
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (112.0, 58.0, 12.0)
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_format_becomes_a_jpeg(kind: str) -> None:
    kept = photos.read(saved(picture(), kind))
    again = Image.open(io.BytesIO(kept.content))
    assert (again.format, again.size) == ("JPEG", (640, 480))
    assert (kept.width, kept.height) == again.size


def test_time_and_place_are_told_and_nothing_else_is_left() -> None:
    sent = saved(picture(), exif=noted(), comment=SECRET, icc_profile=SECRET * 9, xmp=SECRET)
    assert SECRET in sent
    kept = photos.read(sent)
    assert kept.taken_at == dt.datetime(2020, 10, 15, 0, 30, tzinfo=dt.UTC)
    assert (kept.lon, kept.lat) == pytest.approx((112.97, 34.76))
    assert SECRET not in kept.content
    again = Image.open(io.BytesIO(kept.content))
    assert not dict(again.getexif())
    assert not {"comment", "icc_profile", "xmp", "exif"} & set(again.info)


def test_a_camera_may_say_its_zone() -> None:
    kept = photos.read(saved(picture(), exif=noted(offset="+09:00")))
    assert kept.taken_at == dt.datetime(2020, 10, 14, 23, 30, tzinfo=dt.UTC)


def test_a_picture_held_upright_stays_upright() -> None:
    kept = photos.read(saved(picture(), exif=noted(orientation=6)))
    again = Image.open(io.BytesIO(kept.content))
    assert again.size == (480, 640)
    red, blue = again.getpixel((240, 100)), again.getpixel((240, 540))
    assert red[0] > 200 > 60 > red[2]
    assert blue[2] > 200 > 60 > blue[0]


def test_a_large_picture_is_made_smaller() -> None:
    kept = photos.read(saved(picture((6000, 4000))))
    assert (kept.width, kept.height) == (2048, 1365)
    assert len(kept.content) < 4 * 1024 * 1024


def test_what_is_transparent_stands_on_white() -> None:
    kept = photos.read(saved(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))
    assert min(Image.open(io.BytesIO(kept.content)).getpixel((20, 20))) > 250


@pytest.mark.parametrize("lat", [(IFDRational(0, 0), 0.0, 0.0), (91.0, 0.0, 0.0), (0.0, 0.0, 0.0)])
def test_a_place_that_makes_no_sense_is_none(lat: tuple[object, ...]) -> None:
    kept = photos.read(saved(picture(), exif=noted(lat=lat)))
    assert (kept.lon, kept.lat) == (None, None)


def _bomb() -> bytes:
    """Return a PNG of 50,000 by 50,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photo.jpg", b"no photo")
    return buffer.getvalue()


REFUSED = {
    "empty": (b"", "empty"),
    "50 MB": (b"\xff\xd8\xff" + b"\0" * 50_000_000, "bytes"),
    "a zip": (_zip(), "format"),
    "a GIF": (saved(Image.new("P", (9, 9)), "GIF"), "format"),
    "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "format"),
    "a bomb": (_bomb(), "pixels"),
    "a large PNG": (saved(Image.new("1", (6000, 6000)), "PNG"), "pixels"),
    "half a photo": (saved(picture((900, 900)), quality=95)[:3000], "damaged"),
    "text": ("照片".encode(), "format"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_photo_is_refused(case: str) -> None:
    content, code = REFUSED[case]
    with pytest.raises(photos.PhotoError) as caught:
        photos.read(content)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_a_file_that_is_two_things_leaves_only_the_picture() -> None:
    kept = photos.read(saved(picture()) + _zip() + b"<script>alert(1)</script>")
    assert b"<script>" not in kept.content and b"PK\x03\x04" not in kept.content
