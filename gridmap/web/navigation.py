"""The main pages in the order of the menu; each is shown to whoever may open it."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap import auth
from gridmap.auth.access import ENDPOINTS
from gridmap.domain.roles import CELL_ROLES


def pages() -> list[tuple[str, str]]:
    """Return endpoint (without blueprint) and label of the pages that the reader may open."""
    every = [
        ("show_map", _("地图")),
        ("show_table", _("列表")),
        ("show_near", _("附近")),
        ("list_tours", _("行程")),
        ("list_visits", _("检查记录")),
        ("show_law", _("管控要求")),
        *_standing(),
        ("list_rules", _("规则")),
        ("list_duties", _("网格岗位")),
        ("list_drafts", _("区域草案")),
        ("list_draws", _("双随机")),
        ("show_data", _("数据说明")),
        ("list_accounts", _("账号")),
        ("show_log", _("日志")),
    ]
    shown = [(endpoint, label) for endpoint, label in every if auth.may(ENDPOINTS[f"web.{endpoint}"])]
    reader = auth.find_reader()
    if reader is not None and any(role in CELL_ROLES for role in reader.roles):
        shown.insert(0, ("show_my_cell", _("我的网格")))
    return shown


def _standing() -> list[tuple[str, str]]:
    """Return the page on which a reader of the city or of a county sees how his cells stand."""
    found = auth.find_reader()
    if found is None or not (found.area.is_city or found.area.counties):
        return []
    return [("show_city", _("全市"))] if found.area.is_city else [("show_own_county", _("本县"))]
