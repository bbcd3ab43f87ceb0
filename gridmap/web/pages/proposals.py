"""POST /drafts/proposal: a draft that cures what the rules find of a county's coal-free zone."""

from __future__ import annotations

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from gridmap import auth
from gridmap.db.pool import system_connection
from gridmap.domain.roles import Place
from gridmap.errors import ConflictError, ForbiddenError, UserError
from gridmap.web.errors import or_say
from gridmap.web.pages.base import blueprint

_VARIANTS = ("villages", "smooth")


@blueprint.post("/drafts/proposal")
def propose_draft() -> Response:
    """Make a draft for the form's county, village by village or along roads, and go to it."""
    from gridmap.planning import proposals

    if auth.reader().area.is_city:
        # a county's draft is hidden from the city until it is submitted: its maker would never see it
        raise ForbiddenError(_("县（市、区）的草案由该县（市、区）的规划岗编制，提交后市局才能看到。"))
    county, variant = request.form.get("county", ""), request.form.get("variant", _VARIANTS[0])
    if not (county.isascii() and county.isdecimal() and len(county) == 6) or variant not in _VARIANTS:
        raise UserError(_("请选择县（市、区）和划法。"))
    author = auth.require("draft:change", Place(county_codes=(county,))).name
    with or_say(_("没有代码为“%(text)s”的县（市、区）。", text=county)):
        found = proposals.propose(system_connection(), county, author=author, smooth=variant == "smooth")
    if found.draft is None:
        raise ConflictError(
            _(
                "%(county)s没有需要靠禁煤区解决的问题（COAL-01、COAL-02、COAL-03），没有新建草案。",
                county=found.county_name,
            )
        )
    # the page of a draft has its own module; its address is the contract
    return redirect(f"/drafts/{found.draft}", 303)
