"""Signatures drawn with a finger: a small PNG, looked at with suspicion and drawn anew in shades of grey."""

from __future__ import annotations

import hashlib
import io

from PIL import Image, UnidentifiedImageError

from gridmap.ingest.photos import PhotoError
from gridmap.store.visits import Signature

MAX_BYTES = 256 * 1024
"""Largest file that is looked at."""

MAX_WIDTH, MAX_HEIGHT = 1200, 600
"""Largest drawing, pixels."""


def read(content: bytes) -> Signature:
    """Return a signature drawn anew from the bytes of a PNG.

    Errors: PhotoError when it is too large, no PNG, damaged, or nothing was drawn.
    """
    if len(content) > MAX_BYTES:
        raise PhotoError("signature", f"the signature has more than {MAX_BYTES} bytes")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            if image.width > MAX_WIDTH or image.height > MAX_HEIGHT:
                raise PhotoError("signature", f"the signature has {image.width} × {image.height} pixels")
            seen = image.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise PhotoError("signature", "the signature is no PNG that can be read") from error
    ground = Image.new("RGBA", seen.size, "white")
    ground.alpha_composite(seen)
    grey = ground.convert("L")
    darkest, lightest = grey.getextrema()
    if darkest == lightest:
        raise PhotoError("unsigned", "nothing was drawn")
    buffer = io.BytesIO()
    grey.save(buffer, "PNG", optimize=True)
    made = buffer.getvalue()
    return Signature(made, hashlib.sha256(made).hexdigest(), grey.width, grey.height)
