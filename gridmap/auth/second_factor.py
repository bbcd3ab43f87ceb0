"""The optional second factor: six digits of the moment from a phone (RFC 6238), each taken once."""

from __future__ import annotations

import datetime as dt
import hmac
import re
import unicodedata

import pyotp

STEP_S = 30
TOLERANCE = 1
"""Steps that a phone's clock may be early or late."""

_SECRET = re.compile(r"^[A-Z2-7]{32}$")
ISSUER = "gridmap"


def make_secret() -> str:
    """Return a fresh secret: 160 bits in base32."""
    return pyotp.random_base32(32)


def is_secret(text: str) -> bool:
    """Return whether a text is a secret such as make_secret() gives."""
    return bool(_SECRET.match(text))


def address(secret: str, name: str) -> str:
    """Return the otpauth address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=ISSUER)


def qr_code(text: str) -> str:
    """Return a QR code as an SVG element without styles or scripts."""
    import segno  # only this page draws one

    return segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, light="#fff", omitsize=False)


def tidy(code: str) -> str:
    """Return a code as it was meant: full-width digits and spaces are no mistake."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code[:40]))


def step_of(secret: str, code: str, now: dt.datetime, last_step: int | None = None) -> int | None:
    """Return the time step whose code was given, None when none of now fits or it was used before."""
    generator = pyotp.TOTP(secret, interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    found = None
    for step in range(max(0, current - TOLERANCE), current + TOLERANCE + 1):
        # every step is compared, so that the time taken tells nothing
        if hmac.compare_digest(generator.generate_otp(step).encode(), code.encode("utf-8", "replace")):
            found = step
    return found if found is not None and (last_step is None or found > last_step) else None
