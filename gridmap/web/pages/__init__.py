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
    draw_conflicts,
    duties,
    exceptions,
    findings,
    import_batches,
    imports,
    law,
    log,
    login,
    map,
    near,
    patrols,
    proposals,
    random_draws,
    reports,
    rules,
    sites,
    standing,
    table,
    tour,
    tours,
    village_list,
    zone_diff,
    zones,
)
from gridmap.web.pages.base import blueprint

__all__ = ["blueprint"]
