"""The main pages in the order of the menu; each is shown to whoever may open it."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap import auth
from gridmap.auth.access import ENDPOINTS
from gridmap.domain.roles import CELL_ROLES

Pages = list[tuple[str, str]]
"""Endpoint (without blueprint) and label of each."""


def pages() -> tuple[Pages, Pages]:
    """Return the pages that the reader may open: those of daily work, and those behind “more”."""
    daily = _open_to_reader(
        [
            ("show_map", _("地图")),
            ("show_table", _("列表")),
            ("show_near", _("附近")),
            ("list_tours", _("行程")),
            ("list_visits", _("检查记录")),
            ("show_law", _("管控要求")),
            *_standing(),
        ]
    )
    more = _open_to_reader(
        [
            ("list_rules", _("规则")),
            ("list_duties", _("网格岗位")),
            ("list_draws", _("双随机")),
            ("show_data", _("数据说明")),
            ("list_accounts", _("账号")),
            ("show_log", _("日志")),
        ]
    )
    drafts = _open_to_reader([("list_drafts", _("区域草案"))])
    # whoever drives to sites has drafts behind the rest, whoever draws or reviews them has them at hand
    if auth.may("tour:read"):
        more = [*drafts, *more]
    else:
        daily += drafts
    reader = auth.find_reader()
    if reader is not None and any(role in CELL_ROLES for role in reader.roles):
        daily.insert(0, ("show_my_cell", _("我的网格")))
    # a menu of one or two entries hides more than it tidies
    return (daily, more) if len(daily) + len(more) > MOST_IN_A_LINE else ([*daily, *more], [])


MOST_IN_A_LINE = 7


def _open_to_reader(every: Pages) -> Pages:
    return [(endpoint, label) for endpoint, label in every if auth.may(ENDPOINTS[f"web.{endpoint}"])]


def _standing() -> Pages:
    """Return the page on which a reader of the city or of a county sees how his cells stand."""
    found = auth.find_reader()
    if found is None or not (found.area.is_city or found.area.counties):
        return []
    return [("show_city", _("全市"))] if found.area.is_city else [("show_own_county", _("本县"))]
