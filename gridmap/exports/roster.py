"""The roster of duties as a file that comes in again: CSV, Excel, with the headings that an import knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gridmap import glossary
from gridmap.exports.findings import MEDIA_TYPES as _TABLES
from gridmap.exports.tables import to_csv, to_xlsx
from gridmap.store.duties import DutyRow

MEDIA_TYPES = {form: _TABLES[form] for form in ("csv", "xlsx")}

# an import reads them all but the cell's name, and leaves alone whose account it is where that column is missing
_COLUMNS = (
    ("网格代码", "cell code", 18), ("网格名称", "cell's name", 24), ("角色", "role", 12), ("岗位", "post", 30),
    ("起", "from", 12), ("止", "until", 12), ("专职", "full time", 8),
)  # fmt: skip
_ACCOUNT = ("账号", "account", 24)


def file(
    rows: Iterable[DutyRow],
    cells: Mapping[str, str],
    form: str,
    lang: str = "zh",
    accounts: Mapping[int, str] | None = None,
) -> bytes:
    """Return duties in the order given. cells: names by code. accounts: login names by key, for who may see them."""
    columns = _COLUMNS if accounts is None else (*_COLUMNS, _ACCOUNT)
    header = [english if lang == "en" else chinese for chinese, english, _ in columns]
    lines = _lines(rows, cells, lang, accounts)
    if form == "csv":
        return to_csv(header, lines)
    widths = [float(wide) for *_, wide in columns]
    return to_xlsx("roster" if lang == "en" else "岗位名册", header, widths, lines, lang)


def _lines(
    rows: Iterable[DutyRow], cells: Mapping[str, str], lang: str, accounts: Mapping[int, str] | None
) -> Iterator[list[Any]]:
    words = {True: "yes" if lang == "en" else "是", False: "no" if lang == "en" else "否", None: None}
    for row in rows:
        line = [
            row.cell_code, cells.get(row.cell_code), glossary.word("duty_role", row.role, lang), row.post,
            row.begins_on, row.last_day, words[row.is_full_time],
        ]  # fmt: skip
        yield line if accounts is None else [*line, accounts.get(row.account_id or 0)]
