"""A file of zones from a design institute becomes drafts: a row each, all of them or none."""

from gridmap.planning.zone_file.plan import Brought, Saying, check, make

__all__ = ["Brought", "Saying", "check", "make"]
