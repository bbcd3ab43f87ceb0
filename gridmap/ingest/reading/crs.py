"""The name of the coordinates that a file declares in WKT."""

from __future__ import annotations


def of_wkt(wkt: str) -> str | None:
    """Return "EPSG:n" for well-known text, the text itself when no number fits, None when it is not understood."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if "[" not in wkt:  # anything else would be looked up as a name
        return None
    try:
        crs = CRS.from_wkt(wkt)
        number = crs.to_epsg()
    except CRSError:
        return None
    return f"EPSG:{number}" if number else wkt.strip()
