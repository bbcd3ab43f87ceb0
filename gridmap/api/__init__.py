"""The API: JSON, GeoJSON and vector tiles. `blueprint` carries all routes below /api, and /health."""

from gridmap.api import (
    collections,
    draft_edit,
    draft_impact,
    draft_topology,
    drafts,
    export,
    faces,
    findings,
    landing,
    legend,
    near,
    random_draws,
    rules,
    sites,
    tiles,
    tours,
    zones,
)
from gridmap.api.core import blueprint, problem

__all__ = [
    "blueprint",
    "collections",
    "draft_edit",
    "draft_impact",
    "draft_topology",
    "drafts",
    "export",
    "faces",
    "findings",
    "landing",
    "legend",
    "near",
    "problem",
    "random_draws",
    "rules",
    "sites",
    "tiles",
    "tours",
    "zones",
]
