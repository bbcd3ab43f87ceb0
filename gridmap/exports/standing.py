"""The ranking of cells as a file: CSV, Excel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gridmap import glossary
from gridmap.domain.ranking import MEASURES, is_small
from gridmap.exports.findings import MEDIA_TYPES
from gridmap.exports.tables import to_csv, to_xlsx

__all__ = ["MEDIA_TYPES", "Line", "file"]

_FIRST = (("名次", "rank", 8), ("网格代码", "cell code", 16), ("网格", "cell", 24), ("点位少", "few sites", 10))
_SHARES = tuple(measure for measure in MEASURES.values() if measure.of is not None)


@dataclass(frozen=True)
class Line:
    """A cell of the ranking: its rank (None when it takes none), code, name and numbers by measure."""

    rank: int | None
    code: str
    name: str
    numbers: Mapping[str, int]


def file(lines: Iterable[Line], form: str, lang: str) -> bytes:
    """Return a ranking in the order given. form: csv or xlsx."""
    header = [english if lang == "en" else chinese for chinese, english, _ in _FIRST]
    header += [glossary.word("cell_measure", name, lang) for name in glossary.terms()["cell_measure"]]
    header += [glossary.word("ranking", measure.id, lang) for measure in _SHARES]
    if form == "csv":
        return to_csv(header, _rows(lines, lang))
    widths = [width for _, _, width in _FIRST] + [14.0] * (len(header) - len(_FIRST))
    return to_xlsx("ranking" if lang == "en" else "排名", header, widths, _rows(lines, lang), lang, fixed=3)


def _rows(lines: Iterable[Line], lang: str) -> Iterator[list[Any]]:
    yes = "yes" if lang == "en" else "是"
    for line in lines:
        shares = [measure.of_numbers(line.numbers) for measure in _SHARES]
        yield [
            line.rank,
            line.code,
            line.name,
            yes if is_small(line.numbers) else "",
            *(line.numbers.get(name, 0) for name in glossary.terms()["cell_measure"]),
            *(None if share is None else round(share, 2) for share in shares),
        ]
