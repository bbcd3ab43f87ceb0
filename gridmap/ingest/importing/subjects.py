"""What the rows of a chunk were measured of: asked of the base chunk by chunk, so that memory does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

from gridmap.domain.definition import Text
from gridmap.store import import_subjects
from gridmap.store.import_subjects import Subject

_MOST_KEPT = 50_000
_MOST_COMPARED = 15
"""Of so many unknown names it is asked what is like them: each time all names of the city are read."""


@dataclass(frozen=True)
class Said:
    """What a row says of its subject. county: the region that it names, None for none."""

    id: str | None
    name: str | None
    kind: str | None
    county: str | None


@dataclass(frozen=True)
class Unknown:
    """Why a row's subject is not known. of: `id` or `name`, whichever was asked for."""

    of: str
    expected: Text
    suggestion: str | None = None


class Subjects:
    """Subjects as they are asked for. counties: the importer's own, None for all."""

    def __init__(self, cursor: Cursor, counties: Sequence[str] | None) -> None:
        self._cursor = cursor
        self._counties = counties
        self._ids: dict[str, list[Subject]] = {}
        self._names: dict[str, list[Subject]] = {}
        self._like: dict[str, str | None] = {}

    def learn(self, rows: Iterable[Said]) -> None:
        """Ask the base for what a chunk of rows names."""
        if len(self._ids) + len(self._names) > _MOST_KEPT:
            self._ids.clear()
            self._names.clear()
        ids, names = set(), set()
        for said in rows:
            ids |= {said.id} if said.id else {said.county} if said.county and not said.name else set()
            names |= {said.name} if said.name and not said.id else set()
        ids, names = ids - self._ids.keys(), names - self._names.keys()
        if ids:
            self._ids |= {one: [] for one in ids if one}
            for found in import_subjects.with_ids(self._cursor, ids):
                self._ids[found.id].append(found)
        if names:
            self._names |= {one: [] for one in names}
            for found in import_subjects.with_names(self._cursor, names, self._counties):
                self._names[found.name].append(found)

    def find(self, said: Said) -> Subject | Unknown:
        """Return what a row of a chunk that was learned is about, or why nobody knows."""
        if not (said.id or said.name or said.county):
            return Unknown("id", Text("监测对象的编号或名称（必填）", "an identifier or a name of what was measured"))
        known = self._ids[said.id or said.county or ""] if said.id or not said.name else self._names[said.name]
        found = [one for one in known if said.kind in (None, one.kind)]
        if len(found) > 1 and said.county:
            found = [one for one in found if one.county_code == said.county[:6]] or found
        if len(found) == 1:
            return found[0]
        of = "id" if said.id or not said.name else "name"
        if found:
            listed = "、".join(f"{one.id}（{one.county_code}）" for one in found[:4])
            zh, en = f"只属于一个对象的名称；这里有 {listed}", f"a name of one thing; {listed} have it"
            return Unknown(of, Text(f"{zh}，请填编号", f"{en}: give the identifier"))
        expected = Text(
            "名录中有的点位、监测站、道路或县（市、区）", "a site, station, road or county that the platform has"
        )
        if known:
            expected = Text(
                f"与类型一致的对象；它是 {known[0].kind}", f"something of that kind; it is a {known[0].kind}"
            )
        return Unknown(of, expected, self._suggest(said.name or said.id or "") if not known else None)

    def _suggest(self, text: str) -> str | None:
        if text not in self._like and len(self._like) < _MOST_COMPARED:
            like = import_subjects.names_like(self._cursor, text, self._counties)
            self._like[text] = "、".join(like) or None
        return self._like.get(text)
