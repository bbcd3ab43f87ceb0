"""All pages, one module per noun; importing this package gives the blueprint with its routes."""

from gridmap.web.pages import data, exceptions, findings, map, rules, table, zones  # noqa: F401  each registers its routes
from gridmap.web.pages.base import blueprint

__all__ = ["blueprint"]
