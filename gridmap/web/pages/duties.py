"""/duties: who answers for which cell, on any day; and handing a duty over."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth, layers
from gridmap.auth.record import note_export
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import Connection, transaction
from gridmap.domain.duty import ROLES, HandoverRefused
from gridmap.domain.grid_change import Cell
from gridmap.domain.roles import Place
from gridmap.errors import NotFoundError
from gridmap.exports import roster
from gridmap.store import duties, grid
from gridmap.store.duties import CellFilter, DutyRow
from gridmap.web import duty_form, language, view
from gridmap.web.duty_form import Form
from gridmap.web.pages.base import blueprint, page
from gridmap.web.view import View

PAGE = 50


@blueprint.get("/duties")
def list_duties() -> str:
    """List the cells of the reader's area with the posts that answer for them on a day."""
    conn = connection()
    seen = view.read(conn)
    number = view.page_number()
    vacant = view.choice("vacant", ("1",), "") == "1"
    area = auth.reader().area
    wanted = CellFilter(area.is_city, area.counties, area.cells, seen.county, seen.q, vacant)
    with transaction(conn) as cursor:
        cells, total = duties.list_cells(cursor, wanted, seen.as_of, limit=PAGE, offset=(number - 1) * PAGE)
        found = duties.list_duties(cursor, [code for code, _name, _level in cells], seen.as_of)
    return page(
        "duties.html",
        seen,
        cells=cells,
        posts=_by_cell(found),
        roles=ROLES,
        levels=layers.load().get("grid_cell").column("level").codes,
        total=total,
        vacant=vacant,
        number=number,
        pages=max(1, -(-total // PAGE)),
    )


@blueprint.get("/duties.<form>")
def export_duties(form: str) -> Response:
    """Return the duties of the reader's area on a day as a file, with the filters of the page."""
    if form not in roster.MEDIA_TYPES:
        raise NotFoundError(f"there is no file of the form {form}; known are {', '.join(roster.MEDIA_TYPES)}")
    conn = connection()
    seen = view.read(conn)
    area = auth.reader().area
    vacant = view.choice("vacant", ("1",), "") == "1"
    wanted = CellFilter(area.is_city, area.counties, area.cells, seen.county, seen.q, vacant)
    with transaction(conn) as cursor:
        rows, cells = duties.list_roster(cursor, wanted, seen.as_of)
    note_export("duty", form, {**seen.query(), "vacant": vacant}, len(rows))
    response = Response(roster.file(rows, cells, form, language.current()), content_type=roster.MEDIA_TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="roster-{seen.as_of}.{form}"'
    return response


@blueprint.get("/duties/<code>")
def show_duties(code: str) -> str:
    """Show who answers for a cell on a day, who did before, and who does for the cells above it."""
    conn = connection()
    seen = view.read(conn)
    return _render(conn, seen, _cell(conn, seen, code, "duty:read"), Form({"from_day": str(seen.installation.today)}))


@blueprint.post("/duties/<code>")
@auth.tells_of_expiry
def hand_over_duty(code: str) -> Response | tuple[str, int]:
    """Hand a role in a cell to another post, or show what is wrong beside what was typed."""
    conn = connection()
    seen = view.read(conn).only_today()
    cell = _cell(conn, seen, code, "duty:change")
    form, wanted = duty_form.read(request.form, seen.installation.today)
    if not auth.has_form_token():
        form.notice = _("没有保存：页面已过期。内容还在下面，请核对后再提交一次。")
        return _render(conn, seen, cell, form), 403
    if wanted is None:
        form.notice = _("没有保存：请改正标出的内容。")
        return _render(conn, seen, cell, form), 400
    try:
        with transaction(system_connection()) as cursor:
            on_day = grid.get_cell(cursor, code, wanted.from_day)
            duties.hand_over(
                cursor, on_day, wanted.role, wanted.to_post, wanted.from_day, from_post=wanted.from_post,
                account=wanted.account, is_full_time=wanted.is_full_time,
            )  # fmt: skip
    except HandoverRefused as refused:
        form.errors["from_post" if refused.reason == "several" else "to_post"] = duty_form.refusal(refused)
        form.notice = _("没有保存：请改正标出的内容。")
        return _render(conn, seen, cell, form), 409
    except NotFoundError:
        form.notice = duty_form.not_there()
        return _render(conn, seen, cell, form), 400
    return redirect(url_for("web.show_duties", code=code, _anchor="history"), 303)


def _cell(conn: Connection, seen: View, code: str, permission: str) -> Cell:
    """Return a cell of the day where the reader may do something; what is not there is told in his language."""
    with transaction(conn) as cursor:
        cell = grid.find_cell(cursor, code, seen.as_of) if "\x00" not in code else None
    if cell is None:
        raise NotFoundError(_("%(day)s 没有代码为“%(text)s”的责任网格。", day=seen.as_of, text=code[:40]))
    auth.require(permission, _place(cell))
    return cell


def _place(cell: Cell) -> Place:
    county = cell.county_code or cell.cell_code
    return Place(county_codes=(county,), cell_code=cell.cell_code)


def _render(conn: Connection, seen: View, cell: Cell, form: Form) -> str:
    with transaction(conn) as cursor:
        above = grid.list_above(cursor, cell.cell_code, seen.as_of)[1:]
        answering = duties.list_duties(cursor, [cell.cell_code, *(each.cell_code for each in above)], seen.as_of)
        history = duties.list_duties(cursor, [cell.cell_code])
    own = [row for row in answering if row.cell_code == cell.cell_code]
    return page(
        "duty.html",
        seen,
        cell=cell,
        above=above,
        readable=[each for each in above if auth.may("duty:read", _place(each))],
        posts=_by_cell(answering),
        own=own,
        missing=duties.missing_roles(own),
        history=history,
        roles=ROLES,
        levels=layers.load().get("grid_cell").column("level").codes,
        form=form,
        may_change=seen.is_today and auth.may("duty:change", _place(cell)),
    )


def _by_cell(rows: list[DutyRow]) -> dict[tuple[str, str], list[DutyRow]]:
    found: dict[tuple[str, str], list[DutyRow]] = {}
    for row in rows:
        found.setdefault((row.cell_code, row.role), []).append(row)
    return found
