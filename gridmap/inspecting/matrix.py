"""The ways between places: over the roads where the city runs a service for that, else by the straight line.

A Matrix turns places into metres and seconds. CrowFly needs nothing; TableService asks a server that speaks OSRM's
`table` (OSRM itself, Valhalla and others have it), whose address the city sets. A server that fails is not a tour that
fails: the straight line takes its place, and everybody who reads the tour is told.
"""

from __future__ import annotations

import json
import logging
import math
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gridmap import config
from gridmap.config import DETOUR_FACTOR
from gridmap.domain.tour import SPEED_KMH, Place

log = logging.getLogger(__name__)

TIMEOUT_S = 5.0
"""How long the city's service may take for one tour."""

MOST_BYTES = 4_000_000
"""Of its answer: 62 places have 3,844 ways, each twice a number."""

CROW_FLY, SERVICE, FALLBACK = "crow_fly", "table_service", "fallback"
"""What the ways of a tour were taken from; fallback: the straight line, because the service failed."""


@dataclass(frozen=True)
class Ways:
    """Ways between places, from row to column: metres and seconds. source: CROW_FLY, SERVICE or FALLBACK."""

    metres: list[list[float]]
    seconds: list[list[int]]
    source: str


class Matrix(Protocol):
    """What knows the ways between places."""

    def ways(self, places: Sequence[Place]) -> Ways:
        """Return the ways between all places; MatrixError when they cannot be had."""


class MatrixError(Exception):
    """A service that does not answer, or answers what cannot be used."""


@dataclass(frozen=True)
class CrowFly:
    """The geodesic on the CGCS2000 spheroid, times a factor for the roads' detours, at one mean speed."""

    speed_kmh: float = SPEED_KMH
    detour_factor: float = DETOUR_FACTOR

    def ways(self, places: Sequence[Place]) -> Ways:
        """Return the ways between all places."""
        from pyproj import Geod

        geod = Geod(a=6378137.0, rf=298.257222101)
        number = len(places)
        metres = [[0.0] * number for _ in places]
        for i, here in enumerate(places):
            rest = places[i + 1 :]
            if not rest:
                break
            _, _, far = geod.inv(
                [here.lon] * len(rest), [here.lat] * len(rest), [p.lon for p in rest], [p.lat for p in rest]
            )
            for j, distance in enumerate(far, i + 1):
                metres[i][j] = metres[j][i] = float(distance) * self.detour_factor
        speed = self.speed_kmh / 3.6
        return Ways(metres, [[round(way / speed) for way in row] for row in metres], CROW_FLY)


@dataclass(frozen=True)
class TableService:
    """A server that speaks OSRM's table service (`/table/v1/driving/…`). url: its address, without that path."""

    url: str
    timeout_s: float = TIMEOUT_S

    def ways(self, places: Sequence[Place]) -> Ways:
        """Return the ways between all places over the roads that the server knows, at its own speeds."""
        where = ";".join(f"{place.lon:.6f},{place.lat:.6f}" for place in places)
        asked = f"{self.url.rstrip('/')}/table/v1/driving/{where}?annotations=duration,distance"
        try:
            with urllib.request.urlopen(asked, timeout=self.timeout_s) as answer:  # noqa: S310  the keeper set it
                told = json.loads(answer.read(MOST_BYTES))
        except (OSError, ValueError) as error:
            raise MatrixError(f"{type(error).__name__}: {error}") from error
        if not isinstance(told, dict) or told.get("code") != "Ok":
            raise MatrixError(f"code {told.get('code') if isinstance(told, dict) else told!r}")
        metres = _square(told.get("distances"), len(places), "distances")
        seconds = _square(told.get("durations"), len(places), "durations")
        return Ways(metres, [[round(way) for way in row] for row in seconds], SERVICE)


def _square(given: Any, number: int, name: str) -> list[list[float]]:
    """Return numbers as many as there are places, twice; a way that there is none of (null) cannot be used."""
    rows = given if isinstance(given, list) and len(given) == number else []
    found = [[float(way) for way in row if _is_way(way)] for row in rows if isinstance(row, list)]
    if len(found) != number or any(len(row) != number for row in found):
        raise MatrixError(f"{name} are not {number} rows of {number} ways")
    return found


def _is_way(way: Any) -> bool:
    is_number = isinstance(way, int | float) and not isinstance(way, bool)
    return is_number and math.isfinite(way) and 0 <= way < 1e8


def city_ways(places: Sequence[Place], speed_kmh: float) -> Ways:
    """Return the ways by the city's settings: its service if it runs one, else, or when that fails, the straight line.

    speed_kmh: of the straight line; a service knows the speeds of its roads.
    """
    settings = config.load()
    plain = CrowFly(speed_kmh, settings.detour_factor)
    if settings.matrix_url is None:
        return plain.ways(places)
    try:
        return TableService(settings.matrix_url).ways(places)
    except MatrixError as error:
        log.warning("the matrix service failed, ways are straight lines: %s", error)
        found = plain.ways(places)
        return Ways(found.metres, found.seconds, FALLBACK)
