"""The verifier of random draws as one file that any Python runs: the two modules that draw, nothing else of ours."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from gridmap.domain import draw_record, random_draw

NAME = "verify-draw.pyz"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The day of every file inside: the same modules give the same bytes."""

_MAIN = '''"""python3 verify-draw.pyz draw-1.json [SHA-256 of the list as it was published]"""
import json
import sys

from gridmap.domain.draw_record import verify

if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
try:
    with open(sys.argv[1], encoding="utf-8") as file:
        given, result = verify(json.load(file), *sys.argv[2:])
except (OSError, ValueError) as error:
    sys.exit(f"not true: {error}")
for one in result.drawn:
    print(one.number, one.site, "off-hours" if one.is_off_hours else "", *one.inspectors)
print(f"true: {len(result.drawn)} of {len(given.fixed.sites)} sites drawn, {len(result.excluded)} left out")
'''


def pyz() -> bytes:
    """Return a Python archive (zipapp); it needs Python 3.10 and no package, and opens no connection."""
    files = {"__main__.py": _MAIN.encode(), "gridmap/__init__.py": b"", "gridmap/domain/__init__.py": b""}
    for module in (random_draw, draw_record):
        path = Path(str(module.__file__))
        files[f"gridmap/domain/{path.name}"] = path.read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), text)
    return content.getvalue()
