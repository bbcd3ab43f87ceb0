"""Roles, what each may do, and where: the one table of rights (design, section 8). Nothing is allowed by default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Reach = Literal["cell", "county", "city"]
"""What a role is granted for: a responsibility cell with all below it, a county, or the whole city."""

READING = frozenset({"map:read", "finding:read", "site:read", "rule:read", "statistics:read", "duty:read"})
"""What everybody with an account reads, each in his own area; law and map are the same for all."""

ON_THE_GROUND = READING | {"cell:read", "patrol:create", "report:create"}

VISITING = frozenset({"visit:read", "visit:create", "tour:read", "tour:change", "draw:read"})
"""What checks sites: tours of a day, visits and what they found, the random draws that sent somebody there."""

REVIEWING = frozenset({"draft:read", "draft:review", "draft:publish"})
"""What a second person does with a draft: never with his own (domain/draft.py)."""


@dataclass(frozen=True)
class Role:
    """A role: where it is granted, and what it may do there, as resource:action."""

    id: str
    reach: Reach
    permissions: frozenset[str]


ROLES: dict[str, Role] = {
    role.id: role
    for role in (
        Role("officer", "cell", ON_THE_GROUND),
        Role("patroller", "cell", ON_THE_GROUND),
        Role("chief", "cell", ON_THE_GROUND),
        Role("supervisor", "cell", ON_THE_GROUND),
        Role("inspector", "county", READING | {"cell:read", "report:create", "data:import"} | VISITING),
        Role("planner", "county", READING | {"cell:read", "draft:read", "draft:change", "visit:read"}),
        Role("reviewer", "county", READING | {"cell:read", "duty:change", "visit:read", "draw:read"} | REVIEWING),
        Role(
            "bureau",
            "city",
            READING
            | {"cell:read", "exception:decide", "duty:change", "grid:change", "report:create", "draft:change"}
            | {"draw:change", "data:import"}
            | VISITING
            | REVIEWING,
        ),
        Role(
            "auditor",
            "city",
            READING | {"cell:read", "log:read", "account:read", "draft:read", "visit:read", "tour:read", "draw:read"},
        ),
        Role("admin", "city", frozenset({"map:read", "rule:read", "account:read", "account:change", "log:read"})),
    )
}
"""The table. admin keeps accounts and does no casework; auditor reads all and changes nothing."""

CELL_ROLES = tuple(role.id for role in ROLES.values() if role.reach == "cell")
PERMISSIONS = frozenset().union(*(role.permissions for role in ROLES.values()))


@dataclass(frozen=True)
class Grant:
    """A role in a place. county_code for county roles, cell_code for cell roles, neither for city roles.

    cells: for a cell role, the codes of the cell and all cells below it.
    """

    role: str
    county_code: str | None = None
    cell_code: str | None = None
    cells: frozenset[str] = frozenset()

    @property
    def permissions(self) -> frozenset[str]:
        """Return what the role may do."""
        return ROLES[self.role].permissions

    def covers(self, place: Place) -> bool:
        """Return whether a place lies in the grant's area."""
        reach = ROLES[self.role].reach
        if reach == "city":
            return True
        if reach == "county":
            return self.county_code in place.county_codes
        return place.cell_code in self.cells


@dataclass(frozen=True)
class Place:
    """Where something is: the counties it concerns, and the finest responsibility cell that holds it, if any does."""

    county_codes: tuple[str, ...] = ()
    cell_code: str | None = None


@dataclass(frozen=True)
class Area:
    """What a reader may see: the whole city, or some counties and cells together. Empty is nothing."""

    is_city: bool = False
    counties: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return a text that is equal for equal areas and for no others: what caches are keyed by."""
        return "city" if self.is_city else f"{','.join(self.counties)};{','.join(self.cells)}"


@dataclass(frozen=True)
class Verdict:
    """Whether something is allowed. reason: a message id of gridmap.auth when it is not."""

    allowed: bool
    reason: str = ""


@dataclass(frozen=True)
class Reader:
    """Whoever asks: an account with what it was granted for today. name: login name. post: never a person's name."""

    account_id: int
    name: str
    post: str
    grants: tuple[Grant, ...] = ()
    must_change_password: bool = False

    @property
    def permissions(self) -> frozenset[str]:
        """Return what the reader may do somewhere."""
        return frozenset[str]().union(*(grant.permissions for grant in self.grants))

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the reader's roles, in the order of the table."""
        mine = {grant.role for grant in self.grants}
        return tuple(role for role in ROLES if role in mine)

    @property
    def area(self) -> Area:
        """Return what the reader may see; a role that reads no sites adds nothing to it."""
        seeing = [grant for grant in self.grants if "site:read" in grant.permissions]
        if any(ROLES[grant.role].reach == "city" for grant in seeing):
            return Area(is_city=True)
        return Area(
            counties=_sorted(grant.county_code for grant in seeing if ROLES[grant.role].reach == "county"),
            cells=_sorted(code for grant in seeing if ROLES[grant.role].reach == "cell" for code in grant.cells),
        )

    def may(self, permission: str, place: Place | None = None) -> Verdict:
        """Say whether the reader may do something: anywhere (no place), or in a place.

        Errors: KeyError for a permission that the table does not know, which is a slip in our code.
        """
        if permission not in PERMISSIONS:
            raise KeyError(permission)
        holding = [grant for grant in self.grants if permission in grant.permissions]
        if not holding:
            return Verdict(False, "role")
        if place is not None and not any(grant.covers(place) for grant in holding):
            return Verdict(False, "area")
        return Verdict(True)


def _sorted(codes: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({code for code in codes if code}))
