"""Which types of geometry a layer holds, so that a mixture is told."""

from __future__ import annotations

from collections import Counter

from gridmap.domain.incoming import Told

_SINGLE = {"MultiPoint": "Point", "MultiLineString": "LineString", "MultiPolygon": "Polygon"}
_WORDS = {"Point": "点", "LineString": "线", "Polygon": "面", "GeometryCollection": "几何集合"}


class TypesSeen:
    """A count of types; a multi-part geometry counts as its parts do."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, name: str | None) -> None:
        """Count a geometry; None when there is none."""
        if name is not None:
            name = _SINGLE.get(name, name)
            # names that a file made up are one
            self._counts[name if name in _WORDS else "?"] += 1

    def told(self, layer: str = "") -> list[Told]:
        """Return a sentence when there is more than one type."""
        if len(self._counts) < 2:
            return []
        zh = "、".join(f"{_WORDS.get(name, '其他')}{count}个" for name, count in self._counts.most_common())
        en = ", ".join(f"{count} {name if name != '?' else 'others'}" for name, count in self._counts.most_common())
        where_zh, where_en = (f"“{layer}”", f"{layer}: ") if layer else ("", "")
        return [Told(f"{where_zh}几何类型混杂：{zh}", f"{where_en}the types of geometry are mixed: {en}")]
