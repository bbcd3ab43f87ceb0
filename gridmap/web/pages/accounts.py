"""/accounts: who has an account, with which roles; made, changed and closed by the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from flask_babel import gettext as _
from psycopg2.extensions import cursor as Cursor

from gridmap import auth
from gridmap.auth import keeping, record
from gridmap.db.pool import connection, system_connection
from gridmap.db.session import transaction
from gridmap.domain.roles import CELL_ROLES, ROLES
from gridmap.errors import ConflictError, NotFoundError, UserError
from gridmap.store import account_book
from gridmap.store.account_book import Listed
from gridmap.web import view
from gridmap.web.pages.base import blueprint, page

_FIELDS = ("name", "post", "role", "county", "cell")


@blueprint.get("/accounts")
def list_accounts() -> Response:
    """List all accounts, with the form for another one."""
    return _list()


@blueprint.post("/accounts")
def create_account() -> Response:
    """Make an account and show its password once."""
    typed = _typed()
    wrong = _wrong_with(typed)
    if wrong:
        return _list(typed, *wrong, status=400)
    roles = [(typed["role"], _place(typed))] if typed["role"] else []
    try:
        with transaction(system_connection()) as cursor:
            password = keeping.create(cursor, typed["name"], typed["post"], roles)
    except ConflictError:
        return _list(typed, "name", _("已有同名账号，或该岗位的网格职责已有账号。"), status=409)
    except UserError:
        return _list(typed, "role", _wrong_place(typed["role"]), status=400)
    return _one(typed["name"], password=password)


@blueprint.get("/accounts/<name>")
def show_one_account(name: str) -> Response:
    """Show one account with what can be done about it."""
    return _one(name)


@blueprint.post("/accounts/<name>/roles")
def grant_role(name: str) -> Response:
    """Grant a role from today on."""
    typed = _typed()
    try:
        with transaction(system_connection()) as cursor:
            found = _known(cursor, name)
            account_book.grant(cursor, found.account_id, typed["role"], _place(typed))
    except ConflictError:
        return _one(name, wrong=_("该账号在那里已有这个角色，或该岗位的职责已有账号。"), status=409, typed=typed)
    except UserError:
        return _one(name, wrong=_wrong_place(typed["role"]), status=400, typed=typed)
    return _back(name, "granted")


@blueprint.post("/accounts/<name>/roles/revocation")
def revoke_role(name: str) -> Response:
    """Take a role away from today on."""
    role, place = request.form.get("role", ""), request.form.get("place") or None
    if role == "admin" and name == auth.reader().name:
        return _one(name, wrong=_("不能收回自己的管理员角色，请由另一名管理员操作。"), status=409)

    def revoke(cursor: Cursor, found: Listed) -> None:
        try:
            account_book.revoke(cursor, found.account_id, role.replace("\x00", ""), place)
        except NotFoundError as error:
            raise ConflictError(_("这个角色已经收回。")) from error

    return _change(name, revoke, "revoked")


@blueprint.post("/accounts/<name>/password")
def reset_password(name: str) -> Response:
    """Give the account a fresh password and show it once."""
    with transaction(system_connection()) as cursor:
        found = _known(cursor, name)
        password = keeping.reset_password(cursor, found.name)
    return _one(name, password=password)


@blueprint.post("/accounts/<name>/active")
def set_account_active(name: str) -> Response:
    """Close the account, or open it again."""
    active = request.form.get("active") == "yes"
    if not active and name == auth.reader().name:
        return _one(name, wrong=_("不能停用自己的账号，请由另一名管理员操作。"), status=409)
    return _change(name, lambda cursor, found: account_book.set_active(cursor, found.account_id, active), "active")


@blueprint.post("/accounts/<name>/second-factor")
def reset_second_factor(name: str) -> Response:
    """Ask the account for no more codes: its phone is lost."""
    return _change(name, lambda cursor, found: account_book.set_second_factor(cursor, found.account_id, None), "factor")


@blueprint.post("/accounts/<name>/sessions")
def end_account_sessions(name: str) -> Response:
    """End all sessions of the account."""
    with transaction(system_connection()) as cursor:
        found = _known(cursor, name)
        ended = account_book.end_everywhere(cursor, found.account_id)
    record.note("sessions_ended", relation="account", row_key=str(found.account_id), ended=ended)
    return _back(name, "sessions")


def _change(name: str, change: Callable[[Cursor, Listed], Any], done: str) -> Response:
    with transaction(system_connection()) as cursor:
        change(cursor, _known(cursor, name))
    return _back(name, done)


def _known(cursor: Cursor, name: str) -> Listed:
    found = account_book.list_accounts(cursor, name) if keeping.NAME.match(name) else []
    if not found:
        raise NotFoundError(_("没有名为“%(name)s”的账号。", name=name[:63]))
    return found[0]


def _typed() -> dict[str, str]:
    typed = {name: request.form.get(name, "").strip().replace("\x00", "") for name in _FIELDS}
    return typed | {"name": typed["name"].casefold()}


def _place(typed: dict[str, str]) -> str | None:
    role = ROLES.get(typed["role"])
    return (typed[role.reach] or None) if role is not None and role.reach != "city" else None


def _wrong_with(typed: dict[str, str]) -> tuple[str, str] | None:
    if not keeping.NAME.match(typed["name"]):
        return "name", _("用户名应为 2 至 63 个小写字母、数字和连字符，不以连字符开头。")
    try:
        keeping.check_post(typed["post"])
    except UserError:
        return "post", _("请填写岗位，最多 %(most)s 个字，例如 网格长-410181113-01。", most=keeping.LONGEST_POST)
    return None


def _wrong_place(role: str) -> str:
    if role in CELL_ROLES:
        return _("请填写今天有效的责任网格代码。")
    if role in ROLES:
        return _("请选择县（市、区）。")
    return _("请选择角色。")


def _list(typed: dict[str, str] | None = None, field: str = "", sentence: str = "", *, status: int = 200) -> Response:
    with transaction(system_connection()) as cursor:
        rows = account_book.list_accounts(cursor)
    return _answer("accounts.html", status, accounts=rows, typed=typed or {}, field=field, sentence=sentence)


def _one(
    name: str, *, password: str = "", wrong: str = "", status: int = 200, typed: dict[str, str] | None = None
) -> Response:
    with transaction(system_connection()) as cursor:
        found = _known(cursor, name)
    return _answer("one_account.html", status, account=found, password=password, wrong=wrong, typed=typed or {})


def _answer(template: str, status: int, **values: Any) -> Response:
    seen = view.read(connection()).only_today()
    response = make_response(page(template, seen, roles=ROLES, cell_roles=CELL_ROLES, **values), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _back(name: str, done: str) -> Response:
    answer: Response = redirect(url_for("web.show_one_account", name=name, done=done), 303)  # type: ignore[assignment]
    return answer
