"""Which title of a file is which column: as it was recognised, as its sender says, and what is still to be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from flask_babel import gettext as _

from gridmap.db.pool import system_connection
from gridmap.db.session import transaction
from gridmap.domain import import_form
from gridmap.domain.import_form import Form as Layer
from gridmap.domain.import_form import FormColumn
from gridmap.domain.import_titles import TitleMap, header_key, hours_in, normal, recognise
from gridmap.domain.incoming import IncomingFile, IncomingSheet
from gridmap.errors import UserError
from gridmap.ingest.importing.plan import choose_sheet
from gridmap.store import import_batches
from gridmap.web import import_check, import_work, language
from gridmap.web.import_files import Said

FIRST = 3
"""So many values of a column are shown."""

_LONGEST = 40


@dataclass(frozen=True)
class Line:
    """A title of the file. number: its field's. values: the first ones. column: taken for, "" for none.

    is_guess: it is only like that column's title. is_shut: about a person, never read.
    """

    number: int
    title: str
    values: tuple[str, ...]
    column: str
    is_guess: bool
    is_shut: bool


@dataclass
class Columns:
    """The titles of a sheet. sheets: all of the file. sheet: None while nobody knows which is meant.

    asks: whether somebody must look at them before the file is checked. lacks: the sentence when no title is the key.
    fits: what the file looks to be of, where
    that is something else than was said: (choice, title).
    """

    layer: Layer
    sheets: tuple[IncomingSheet, ...]
    sheet: IncomingSheet | None = None
    lines: list[Line] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    asks: bool = True
    lacks: str = ""
    fits: tuple[str, str] | None = None


def look(incoming: IncomingFile, said: Said) -> Columns:
    """Return how the titles of a file are understood."""
    layer = import_form.load(said.layer, said.kind)
    found = Columns(layer, incoming.sheets)
    try:
        found.sheet = choose_sheet(incoming, layer, import_work.options(said))
    except UserError:
        return found
    header, who = found.sheet.header, import_check.importer()
    with transaction(system_connection()) as cursor:
        known = import_batches.remembered(cursor, said.layer, said.kind, header_key(header), who)
    given = {title: column for title, column in said.mapping.items() if title in header}
    titles = recognise(header, layer, given, remembered=known[0] if known else None, never=import_form.never_read())
    guesses = _guesses(titles)
    found.lines = _lines(incoming, found.sheet, titles, guesses)
    lacking = layer.lacking({match.column.name for match in titles.matches.values()})
    has_key = not lacking
    found.asks = not has_key or (bool(guesses) and not given and known is None)
    if not has_key:
        found.lacks, found.fits = _lacking(lacking), _fits(header, layer)
    return found


def read(sent: Mapping[str, str], found: Columns) -> dict[str, str | None] | None:
    """Return what was said of each title; None when that cannot be, told in found. What was chosen stays chosen."""
    chosen = {line.number: sent.get(f"column-{line.number}", "") for line in found.lines if not line.is_shut}
    known = {column.name for column in found.layer.columns}
    chosen = {number: name if name in known else "" for number, name in chosen.items()}
    found.lines = [
        Line(line.number, line.title, line.values, chosen.get(line.number, ""), False, line.is_shut)
        for line in found.lines
    ]
    taken: dict[str, str] = {}
    hours = hours_in(found.sheet.header) if found.sheet is not None and found.layer.measures else {}
    for line in found.lines:
        if line.column == "value" and line.title in hours:
            taken.setdefault(line.column, line.title)
        elif line.column in taken:
            found.errors[f"column-{line.number}"] = _("“%(title)s”已对应这个字段。", title=taken[line.column])
        elif line.column:
            taken[line.column] = line.title
    lacking = found.layer.lacking(taken)
    if lacking:
        found.notice = _lacking(lacking)
    if found.errors or found.notice:
        return None
    return {line.title: line.column or None for line in found.lines if not line.is_shut}


def _lacking(columns: Sequence[FormColumn]) -> str:
    title = "、".join(column.title.get(language.current()) for column in columns)
    told = _("还没有一列对应“%(title)s”：靠它认出是哪个对象。", title=title)
    if any(column.name in ("subject_name", "observed_on", "parameter", "value") for column in columns):
        return told
    return told + _("表里没有这样一列的，请加一列，每个对象一个、以后不变的编号，再上传。")


def _guesses(titles: TitleMap) -> dict[str, str]:
    """Return title -> column for what is merely like a column's title, the likeliest of each."""
    found: dict[str, str] = {}
    for name, like in titles.candidates.items():
        free = [title for title in like if title in titles.unread and title not in found]
        if free and titles.title_of(name) is None:
            found[free[0]] = name
    return found


def _lines(incoming: IncomingFile, sheet: IncomingSheet, titles: TitleMap, guesses: Mapping[str, str]) -> list[Line]:
    rows = list(islice(incoming.rows(sheet), FIRST * 4))
    forbidden = {normal(title) for title in import_form.never_read()}
    lines = []
    for place, title in enumerate(sheet.header):
        is_shut = normal(title) in forbidden
        cells = [row.values[place] for row in rows if place < len(row.values)]
        values = [str(cell) for cell in cells if cell not in (None, "")][:FIRST]
        match = titles.matches.get(title)
        lines.append(
            Line(
                place,
                title,
                () if is_shut else tuple(value[:_LONGEST] for value in values),
                "" if is_shut else match.column.name if match else guesses.get(title, ""),
                not is_shut and match is None and title in guesses,
                is_shut,
            )
        )
    return lines


def _fits(header: tuple[str, ...], layer: Layer) -> tuple[str, str] | None:
    """Return what a file without the key of its layer looks to be of: more of its titles fit, its key too."""
    own = len(recognise(header, layer).matches)
    best: tuple[int, Layer] | None = None
    for other in import_form.list_forms():
        titles = recognise(header, other)
        named = {match.column.name for match in titles.matches.values()}
        if not other.lacking(named) and len(named) > max(own, best[0] if best else 0):
            best = (len(titles.matches), other)
    return (best[1].label, best[1].title.get(language.current())) if best else None
