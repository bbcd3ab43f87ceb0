"""All pages, one module per noun; importing this package gives the blueprint with its routes."""

from gridmap.web.pages import (  # noqa: F401  each registers its routes
    account,
    accounts,
    cell_sending,
    cells,
    data,
    draft_steps,
    drafts,
    draw,
    duties,
    exceptions,
    findings,
    law,
    log,
    login,
    map,
    near,
    patrols,
    proposals,
    reports,
    rules,
    standing,
    table,
    village_list,
    zone_diff,
    zones,
)
from gridmap.web.pages.base import blueprint

__all__ = ["blueprint"]
