"""Who drafts where: a county's planners in their county, the city's bureau for the city as a whole."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap.auth import guard
from gridmap.domain.roles import Place, Reader
from gridmap.errors import ForbiddenError


def may_draft(county_code: str, city_code: str) -> bool:
    """Return whether the reader may make and change drafts of a county, or (the city's code) of the city.

    A county's draft is hidden from the city until it is submitted, so the city makes and changes none there.
    """
    found = guard.find_reader()
    if found is None or not guard.may("draft:change", Place((county_code,))):
        return False
    return found.area.is_city == (county_code == city_code)


def require_drafting(county_code: str, city_code: str) -> Reader:
    """Return the reader, who may draft there; ForbiddenError says why he may not."""
    found = guard.require("draft:change", Place((county_code,)))
    if not may_draft(county_code, city_code):
        raise ForbiddenError(
            _("县（市、区）的草案由该县（市、区）的规划岗编制，提交后市局才能看到；全市的区域由市局编制。")
        )
    return found
