"""What a layer takes from a file: its import description, layers/<id>/import.toml, read and checked.

A layer whose typed tables differ by kind has layers/<id>/import/<kind>.toml beside it. Columns that many layers share
(position, region) stand in layers/import.toml. Importer, templates and mapping page read these, and know no layer by
its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from gridmap import config, glossary
from gridmap.domain.definition import Table, Text
from gridmap.errors import DefinitionError, NotFoundError, UserError

TYPES = ("text", "integer", "number", "boolean", "date")
GEOMETRIES = ("none", "Point", "MultiLineString")
COUNTY_BY = ("position", "region", "key", "subject")
GONE = ("close", "end", "delete", "refuse")
ROLES = ("lon", "lat", "lonlat", "crs", "region_code", "county_name", "township_name", "village_name", "subject_name")
"""Columns that are no column of a table: where something lies, is said to lie, and what a subject is called."""

SUBJECT = ("subject_id", "subject_name", "region_code", "county_name")
"""Columns of which one must tell what was measured."""


@dataclass(frozen=True)
class FormColumn:
    """A column that a file may have.

    table: the table that keeps it, None for a column that only tells where something lies (name is then one of ROLES).
    synonyms: other titles by which ledgers call it. unit: what its numbers count. low, high: least and greatest number.
    codes: value -> wording; a file may give either. pattern: what a text must look like. required: a new object needs
    it. known_as: the name by which files without titles have it, as the layer's
    exports do; None where they have another thing under the table's name.
    """

    name: str
    title: Text
    synonyms: tuple[str, ...]
    type: str
    unit: str | None
    required: bool
    codes: dict[str, Text]
    low: float | None
    high: float | None
    pattern: str | None
    table: str | None
    known_as: str | None = None


@dataclass(frozen=True)
class Measure:
    """Something that is measured: in a row its name, or a column of its own.

    unit: what values are kept in; units: where it is another one, by kind of subject. low, high: least and greatest
    value in that unit. period: what a value is of that says no period.
    """

    column: FormColumn
    unit: str
    units: dict[str, str]
    low: float
    high: float | None
    period: str

    @property
    def name(self) -> str:
        """Return its name in tables."""
        return self.column.name

    def unit_for(self, subject_kind: str) -> str:
        """Return the unit in which values of a kind of subject are kept."""
        return self.units.get(subject_kind, self.unit)


@dataclass(frozen=True)
class Form:
    """What one kind of file brings into one layer.

    table, key: where rows go and the column by which a row is known again. details: typed table with the same key,
    versioned by in_force, None when there is none. versioned: the table itself is. county: what tells the county: the
    position, the region that the file names, the key's first six digits, or the subject that was measured.
    region_column, reported_column, township_column, township_name_column: columns of the table that take the region by
    position, the region reported, the township reported, its name as the file has it.
    gone: what becomes of an object that a replacing file no longer has. error_m, placed_by: of a position that the file
    gives without saying more. fixed: values that every row has. derive: name of what is computed from other
    columns, or assumed of new objects.
    checks: rules of the tables over several columns, each in words. same: columns that tell together which object a row
    is about, where no single one does; key is then one of them. measures: what is measured, in layers of values.
    """

    layer_id: str
    kind: str | None
    title: Text
    table: str
    key: str
    details: str | None
    versioned: bool
    geometry: str
    county: str
    region_column: str | None
    reported_column: str | None
    township_column: str | None
    township_name_column: str | None
    gone: str
    error_m: float
    placed_by: str
    has_placed_by: bool
    derive: str | None
    fixed: dict[str, str]
    checks: dict[str, Text]
    columns: tuple[FormColumn, ...]
    same: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()

    @property
    def needs_details(self) -> bool:
        """Return whether a new object has a row of details whatever the file says: a kind is known by it."""
        return self.kind is not None

    @property
    def key_column(self) -> FormColumn:
        """Return the column that tells which object a row is about."""
        return self.column(self.key)

    def lacking(self, names: Collection[str]) -> tuple[FormColumn, ...]:
        """Return what is missing among the columns of a file for knowing which object a row is about."""
        if not self.measures:
            return () if self.key in names else (self.key_column,)
        found = [] if any(name in names for name in SUBJECT) else [self.column("subject_name")]
        found += [] if "observed_on" in names else [self.column("observed_on")]
        if not any(measure.name in names for measure in self.measures):
            found += [self.column(name) for name in ("parameter", "value") if name not in names]
        return tuple(found)

    def column(self, name: str) -> FormColumn:
        """Return a column by its name; NotFoundError lists the known ones."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        raise NotFoundError(
            f"{self.label} has no column {name}; it has {known}", zh=f"{self.title.zh}没有字段 {name}；有：{known}"
        )

    def stored(self, table: str) -> tuple[FormColumn, ...]:
        """Return the columns that a table keeps."""
        return tuple(column for column in self.columns if column.table == table)

    @property
    def label(self) -> str:
        """Return how messages name it: layer and kind."""
        return f"{self.layer_id}/{self.kind}" if self.kind else self.layer_id


def load(layer_id: str, kind: str | None = None, folder: Path | None = None) -> Form:
    """Return the import description of a layer, of one kind where the layer has kinds.

    NotFoundError for an unknown layer, UserError where nothing can be imported (with the reason), or where the kind is
    missing or unknown (with the kinds there are), DefinitionError for a wrong file.
    """
    root = folder or config.resource("layers")
    path = root / layer_id / "import.toml"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", layer_id) or not path.is_file():
        known = sorted(found.parent.name for found in root.glob("*/import.toml"))
        raise NotFoundError(
            f"there is no layer {layer_id} to import into; the layers are {', '.join(known)}",
            zh=f"没有图层 {layer_id[:40]}；有：{'、'.join(known)}",
        )
    kinds = list_kinds(layer_id, root)
    if kinds and kind not in kinds:
        said = f"{kind} is no kind of {layer_id}" if kind else f"{layer_id} is imported kind by kind"
        raise UserError(
            f"{said}; give --kind with one of {', '.join(kinds)}", zh=f"{layer_id} 要指明种类：{'、'.join(kinds)}"
        )
    if kind and not kinds:
        raise UserError(f"{layer_id} has no kinds; leave out --kind {kind}", zh=f"{layer_id} 不分种类")
    return _load(root, layer_id, kind)


def list_kinds(layer_id: str, folder: Path | None = None) -> list[str]:
    """Return the kinds of a layer that are imported each in its own form, none when the layer has one form."""
    root = folder or config.resource("layers")
    return sorted(path.stem for path in (root / layer_id / "import").glob("*.toml"))


def list_forms(folder: Path | None = None) -> list[Form]:
    """Return all forms; layers that refuse imports are left out."""
    root = folder or config.resource("layers")
    found = []
    for path in sorted(root.glob("*/import.toml")):
        layer_id = path.parent.name
        if refusal(layer_id, root) is None:
            kinds = list_kinds(layer_id, root)
            found += [_load(root, layer_id, kind) for kind in kinds] if kinds else [_load(root, layer_id, None)]
    return found


def list_refused(folder: Path | None = None) -> list[tuple[str, Text]]:
    """List the layers into which nothing is imported, each with why and where to go instead."""
    root = folder or config.resource("layers")
    found = [(path.parent.name, refusal(path.parent.name, root)) for path in sorted(root.glob("*/import.toml"))]
    return [(layer_id, why) for layer_id, why in found if why is not None]


def refusal(layer_id: str, folder: Path | None = None) -> Text | None:
    """Return why nothing can be imported into a layer and where to go instead, None when it can."""
    root = folder or config.resource("layers")
    table = Table.of_file(root / layer_id / "import.toml")
    return table.bilingual("refused") if "refused" in table.values else None


@cache
def load_drafted(layer_id: str, folder: Path | None = None) -> Form:
    """Return the columns of a layer whose files become drafts, for recognising titles and reading values.

    Nothing is staged for its table: `refusal()` says so. DefinitionError for a wrong file.
    """
    root = folder or config.resource("layers")
    table = Table.of_file(root / layer_id / "import.toml")
    table.bilingual("refused")
    columns = tuple(_read_column(part, layer_id, None) for part in table.tables("column", label="name"))
    table.refuse_unknown()
    return Form(
        layer_id=layer_id, kind=None, title=Text(layer_id, layer_id), table=layer_id, key="name", details=None,
        versioned=False, geometry="none", county="region", region_column=None, reported_column=None,
        township_column=None, township_name_column=None, gone="refuse", error_m=0.0, placed_by="file",
        has_placed_by=False, derive=None, fixed={}, checks={}, columns=columns,
    )  # fmt: skip


@cache
def never_read(folder: Path | None = None) -> frozenset[str]:
    """Return titles of columns that are never read: the platform keeps posts, no persons."""
    return frozenset(Table.of_file((folder or config.resource("layers")) / "import.toml").names("never_read"))


@cache
def _load(root: Path, layer_id: str, kind: str | None) -> Form:
    table = Table.of_file(root / layer_id / "import.toml")
    if (why := refusal(layer_id, root)) is not None:
        raise UserError(f"nothing is imported into {layer_id}: {why.en}", zh=f"{layer_id} 不导入：{why.zh}")
    shared = Table.of_file(root / "import.toml")
    base = table.text("table")
    details_file = Table.of_file(root / layer_id / "import" / f"{kind}.toml") if kind else None
    details = details_file.text("table") if details_file else table.text("details", optional=True)
    columns = [_read_column(part, base, details) for part in table.tables("column", label="name")]
    if details_file:
        columns += [_read_column(part, details, details) for part in details_file.tables("column", label="name")]
    for group in table.names("uses") if "uses" in table.values else ():
        columns += [_read_column(part, None, None) for part in shared.tables(group, label="name")]
    measures = tuple(map(_read_measure, table.tables("measure", label="name") if "measure" in table.values else ()))
    columns += [measure.column for measure in measures]
    form = Form(
        layer_id=layer_id,
        kind=kind,
        title=(details_file or table).bilingual("title"),
        table=base,
        key=table.text("key"),
        details=details,
        versioned=table.boolean("versioned", default=False),
        geometry=table.choice("geometry", GEOMETRIES),
        county=table.choice("county", COUNTY_BY),
        region_column=table.text("region_column", optional=True),
        reported_column=table.text("reported_column", optional=True),
        township_column=table.text("township_column", optional=True),
        township_name_column=table.text("township_name_column", optional=True),
        gone=table.choice("gone", GONE),
        error_m=table.number("error_m", default=0.0, low=0.0, high=100_000.0),
        placed_by=table.text("placed_by", optional=True) or "file",
        has_placed_by="placed_by" in table.values,
        derive=table.text("derive", optional=True),
        fixed={table.text("kind_column"): kind} if kind else {},
        checks={**table.labels("checks"), **(details_file.labels("checks") if details_file else {})},
        columns=_as_exported(columns, root / layer_id / f"{layer_id}.toml"),
        same=table.names("same") if "same" in table.values else (),
        measures=measures,
    )
    table.refuse_unknown() if not kind else None
    if details_file:
        details_file.refuse_unknown()
    _check(form, table)
    return form


def _as_exported(columns: Sequence[FormColumn], layer: Path) -> tuple[FormColumn, ...]:
    """Return columns with the names that the layer's exports have for them: those with the same Chinese title.

    A layer of many kinds has one `fuel`, that of power plants, and `heat_fuel` beside it for the boilers' own `fuel`.
    """
    names: dict[str, str] = {}
    if layer.is_file():
        names = {part.text("zh"): part.text("name") for part in Table.of_file(layer).tables("column", label="name")}
    others = set(names.values())
    return tuple(
        replace(column, known_as=names.get(column.title.zh) or (None if column.name in others else column.name))
        for column in columns
    )


def _read_column(part: Table, table: str | None, details: str | None) -> FormColumn:
    if table is not None and part.values.get("details"):
        part.boolean("details")
        table = details
    if part.boolean("role", default=False):
        table = None
    column_type = part.choice("type", TYPES)
    column = FormColumn(
        name=part.text("name"),
        title=Text(part.text("zh"), part.text("en")),
        synonyms=part.names("synonyms") if "synonyms" in part.values else (),
        type=column_type,
        unit=part.text("unit", optional=True),
        required=part.boolean("required", default=False),
        codes=part.vocabulary("codes"),
        low=part.number("low", low=-1e15, high=1e15) if "low" in part.values else None,
        high=part.number("high", low=-1e15, high=1e15) if "high" in part.values else None,
        pattern=part.text("pattern", optional=True),
        table=table,
    )
    if table is None and column.name not in ROLES:
        raise part.wrong("name", f"one of {', '.join(ROLES)}")
    if column_type in ("boolean", "date") and (column.codes or column.unit):
        raise part.wrong("type", "a type that goes with codes or a unit")
    part.refuse_unknown()
    return column


def _read_measure(part: Table) -> Measure:
    name = part.text("name")
    synonyms = part.names("synonyms") if "synonyms" in part.values else ()
    if name not in glossary.terms()["parameter"]:
        raise part.wrong("name", "one of the parameters of the glossary")
    words = Text(glossary.terms()["parameter"][name]["zh"], glossary.terms()["parameter"][name]["en"])
    column = FormColumn(
        name=name, title=words, synonyms=synonyms, type="text", unit=None, required=False, codes={}, low=None,
        high=None, pattern=None, table=None,
    )  # fmt: skip
    units = part.table("units", optional=True)
    measure = Measure(
        column=column,
        unit=part.text("unit"),
        units={kind: units.text(kind) for kind in units.values},
        low=part.number("low", default=0.0, low=-1e15, high=1e15),
        high=part.number("high", low=-1e15, high=1e15) if "high" in part.values else None,
        period=part.text("period"),
    )
    part.refuse_unknown()
    return measure


def _check(form: Form, table: Table) -> None:
    names = [column.name for column in form.columns]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise DefinitionError(f"{table.file}: {form.label} has twice the column {', '.join(twice)}")
    if form.key not in names or not set(form.same) <= set(names):
        raise table.wrong("key", f"the name of one of the columns of {form.label}")
    if form.geometry != "none" and form.error_m <= 0:
        raise table.wrong("error_m", "metres, more than 0, where a layer has positions")
