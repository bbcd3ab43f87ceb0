"""POST /visits: what inspectors send from the spot, once or twice, sooner or later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request
from flask_babel import gettext as _

from gridmap import auth
from gridmap.db.pool import system_connection
from gridmap.db.session import Connection
from gridmap.domain import checklist as checklists
from gridmap.domain.arrival import settle_time
from gridmap.domain.checklist import AnswerError
from gridmap.domain.roles import Place, Reader
from gridmap.errors import ConflictError, ForbiddenError, UserError
from gridmap.ingest import photos, signatures
from gridmap.inspecting import visits
from gridmap.inspecting.visits import Told
from gridmap.store import patrols, visit_book, visit_sites
from gridmap.store import visits as store
from gridmap.store.visit_sites import VisitSite
from gridmap.web import language, visit_words
from gridmap.web.arrivals import LONGEST_WORDS, Sent, answers
from gridmap.web.pages.base import blueprint
from gridmap.web.pages.surroundings import length
from gridmap.web.visit_words import LONGEST_H, MOST_PHOTOS

MOST_BYTES = MOST_PHOTOS * photos.MAX_BYTES + 2_000_000


def _explains_answers(view: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    @wraps(view)
    def explained(*args: Any, **values: Any) -> dict[str, Any]:
        try:
            return view(*args, **values)
        except AnswerError as error:
            raise UserError(visit_words.wrong_answer(error)) from error

    return explained


@blueprint.post("/visits")
@answers
@_explains_answers
def send_visit() -> dict[str, Any]:
    """Keep a visit with its photos and signature, judge the city by it, and say what came of it."""
    request.max_content_length = MOST_BYTES
    sent = Sent(request.form.get("entry", ""))
    found, key = auth.require("visit:create"), sent.key()
    conn = system_connection()
    if (there := store.find_kept(conn, key)) is not None:
        inspection_id, is_mine = there
        if not is_mine:
            raise ConflictError(f"the key {key} is taken")
        return _kept(conn, inspection_id, repeated=True)
    site = _site(conn, sent.text("site"))
    told = _told(conn, sent, site, found, key)
    drawn = [photos.read(content) for content in _files()]
    signature = _signature() if told.signed_how == "drawn" else None
    inspection_id, is_new = visits.keep(conn, site, told, drawn, signature)
    if not is_new:  # the same visit arrived by another way at the same time
        inspection_id, is_mine = store.find_kept(conn, key) or ("", False)
        if not is_mine:
            raise ConflictError(f"the key {key} is taken")
        return _kept(conn, inspection_id, repeated=True)
    judged = visits.follow(conn)
    return _kept(conn, inspection_id, repeated=False, also=visit_words.judged(judged))


def _site(conn: Connection, site_id: str | None) -> VisitSite:
    """Return the site, there or removed, that the reader may visit; one elsewhere is told of as one that is nowhere."""
    if site_id is None:
        raise UserError(_("没有选定检查的点位。"))
    site = visit_sites.find_site(conn, site_id) or visit_sites.find_removed(conn, site_id)
    if site is not None:
        try:
            auth.require("visit:create", Place((site.county_code,), site.cell_code))
        except ForbiddenError:
            site = None
    if site is None:
        raise UserError(_("没有编号为 %(id)s 的点位，或它不在您负责的范围内。", id=site_id[:40]))
    return site


def _told(conn: Connection, sent: Sent, site: VisitSite, found: Reader, key: str) -> Told:
    received = patrols.received_at(conn)
    ended, began = sent.time("made_at"), sent.time("began_at")
    if ended < began:
        raise UserError(_("结束时间早于开始时间。"))
    if ended - began > dt.timedelta(hours=LONGEST_H):
        raise UserError(_("检查持续超过 24 小时，请核对开始时间。"))
    ended_at, skew = settle_time(ended, sent.time("sent_at"), received)
    kind = sent.text("kind") or "regular"
    if kind not in visits.KINDS:
        raise UserError(_("检查类型无效。"))
    signed_as = sent.text("signed_as", 60)
    if signed_as is None:
        raise UserError(_("请填写签名岗位。"))
    signed_how = sent.text("signed_how")
    if signed_how not in ("drawn", "typed"):
        raise UserError(_("请手写签名，或勾选以岗位名义确认。"))
    checklist = checklists.for_kind(site.kind or checklists.ANY)
    return Told(
        key, kind, tuple(checklists.read_answers(checklist, sent.value("answers"))), sent.any_place(),
        ended_at - (ended - began), ended_at, skew, found.post, signed_how, signed_as, sent.text("note", LONGEST_WORDS),
    )  # fmt: skip


def _files() -> list[bytes]:
    sent = request.files.getlist("photo")
    if len(sent) > MOST_PHOTOS:
        raise UserError(_("照片最多 %(most)s 张，收到 %(n)s 张。", most=MOST_PHOTOS, n=len(sent)))
    # no more is read than is looked at
    return [file.stream.read(photos.MAX_BYTES + 1) for file in sent]


def _signature() -> store.Signature:
    sent = request.files.get("signature")
    if sent is None:
        raise UserError(_("请手写签名，或勾选以岗位名义确认。"))
    return signatures.read(sent.stream.read(signatures.MAX_BYTES + 1))


def _kept(conn: Connection, inspection_id: str, *, repeated: bool, also: str = "") -> dict[str, Any]:
    """Return the answer for a visit that is kept: the same however often it is sent."""
    visit = visit_book.get_visit(conn, inspection_id)
    row = visit.row
    failed = sum(item.answer == "failed" for item in visit.items)
    said = [_("已收到：%(outcome)s。", outcome=visit_words.outcome(row.outcome))]
    if row.site_state == "closed":
        said.append(_("该点位在 %(day)s 已停用，记录照样保存。", day=row.closed_on))
    elif row.site_state == "removed":
        said.append(_("该点位已从台账中删除，记录照样保存。"))
    if failed:
        said.append(_("%(n)s 项不合格。", n=failed))
    if visit.findings:
        said.append(_("涉及 %(n)s 个问题。", n=len(visit.findings)))
    if visit.corrections:
        said.append(_("%(n)s 处与登记资料不符，已建议更正。", n=len(visit.corrections)))
    if visit.stop is not None:
        said.append(
            _("按第 %(n)s 次发现建议%(step)s，请决定。", n=visit.stop.times, step=visit_words.step(visit.stop.step))
        )
    if row.place_state != "near":
        said.append(_("位置：%(place)s。", place=visit_words.place(row, length)))
    if also:
        said.append(also)
    return {
        "state": "sent",
        "sentence": (" " if language.current() == "en" else "").join(said),
        "visit": inspection_id,
        "outcome": row.outcome,
        "site_state": row.site_state,
        "place_state": row.place_state,
        "findings": [finding.key for finding in visit.findings],
        "repeated": repeated,
    }
