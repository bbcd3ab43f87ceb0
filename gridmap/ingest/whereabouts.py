"""Which county and which township a position lies in."""

from __future__ import annotations

import shapely
from shapely.geometry import Point

from gridmap.errors import UserError
from gridmap.ingest import shapes
from gridmap.ingest.outlines import Outlines


class Whereabouts:
    """County, township and neighbouring city by position."""

    def __init__(self, outlines: Outlines) -> None:
        """Index the outlines once."""
        self._counties = list(outlines.counties_m)
        self._county_tree = shapely.STRtree([outlines.counties_m[code] for code in self._counties])
        self._matched = list(outlines.matched())
        self._township_tree = shapely.STRtree([outlines.old_townships_m[old] for _, old in self._matched])
        self._cities = outlines.cities_m

    def county(self, point: Point) -> str:
        """Return the county at a position (EPSG:4490), outside the city the neighbouring city; UserError if neither."""
        place = shapes.to_metres(point)
        hits = sorted(self._counties[index] for index in self._county_tree.query(place, predicate="intersects"))
        if hits:
            return hits[0]
        for code, geom in sorted(self._cities.items()):
            # the neighbours' outlines are simplified and may overlap the city's by a little: the city comes first
            if code != "410100" and geom.intersects(place):
                return code
        raise UserError(f"position {point.x}, {point.y} lies in no county of the city and no city of the province")

    def region(self, point: Point) -> str:
        """Return the smallest region of today at a position: its township where the outlines agree, else its county."""
        county = self.county(point)
        for index in self._township_tree.query(shapes.to_metres(point), predicate="intersects"):
            code = self._matched[int(index)][0]
            if code.startswith(county):
                return code
        return county
