"""The API: JSON, GeoJSON and vector tiles. `blueprint` carries all routes below /api, and /health."""

from gridmap.api import (
    collections,
    draft_edit,
    draft_impact,
    draft_topology,
    drafts,
    faces,
    findings,
    landing,
    legend,
    near,
    rules,
    tiles,
    visits,
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
    "faces",
    "findings",
    "landing",
    "legend",
    "near",
    "problem",
    "rules",
    "tiles",
    "visits",
    "zones",
]
