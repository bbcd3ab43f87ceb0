"""/cells/<code>/patrols: a month of patrols, day by day and square by square."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from flask_babel import gettext as _

from gridmap.db.pool import connection
from gridmap.errors import UserError
from gridmap.store import my_cell
from gridmap.store.places import get_installation
from gridmap.web import view
from gridmap.web.pages.base import blueprint, page
from gridmap.web.pages.cells import ground_of
from gridmap.web.view import View


@dataclass(frozen=True)
class Day:
    """A day of the calendar. squares: how many were patrolled; is_future: not yet there."""

    day: dt.date
    squares: int
    rounds: int
    is_future: bool
    in_month: bool


@dataclass(frozen=True)
class Week:
    """A week: its days, and how many of the cell's squares were patrolled in it."""

    days: tuple[Day, ...]
    covered: int
    is_future: bool


@blueprint.get("/cells/<code>/patrols")
def show_patrols(code: str) -> str:
    """Show a month of patrols of a cell."""
    conn = connection()
    ground = ground_of(conn, code)
    installation = get_installation(conn)
    first = _month(view.parameter("month")) or installation.today.replace(day=1)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    keys = {square.cell_key: square for square in ground.squares}
    found = {
        row.on_day: row for row in my_cell.list_patrol_days(conn, ground.cells, list(keys), weeks[0][0], weeks[-1][-1])
    }
    rows = []
    for week in weeks:
        covered: set[int] = set()
        for day in week:
            covered |= set(found[day].keys) if day in found else set()
        days = tuple(
            Day(
                day,
                found[day].squares if day in found else 0,
                found[day].rounds if day in found else 0,
                day > installation.today,
                day.month == first.month,
            )
            for day in week
        )
        rows.append(Week(days, len(covered), week[0] > installation.today))
    months = [day for day in found if day.month == first.month]
    by_square = {
        square.code: [day.day for day in sorted(months) if key in found[day].keys] for key, square in keys.items()
    }
    return page(
        "patrols.html",
        View(installation, (), installation.today),
        ground=ground,
        first=first,
        weeks=rows,
        by_square=by_square,
        days=sorted(months),
        month_days=[day for week in weeks for day in week if day.month == first.month],
        found=found,
        before=_shift(first, -1),
        after=_shift(first, 1) if _shift(first, 1) <= installation.today else None,
        weekdays=(_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")),
    )


def _month(text: str | None) -> dt.date | None:
    if text is None:
        return None
    if not re.fullmatch(r"(19[5-9]\d|20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII):
        raise UserError(_("月份“%(text)s”无效，应为年-月，例如 2020-10。", text=text[:40]))
    return dt.date(int(text[:4]), int(text[5:]), 1)


def _shift(first: dt.date, months: int) -> dt.date:
    number = first.year * 12 + first.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)
