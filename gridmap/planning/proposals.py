"""Propose how a county's coal-free zone must grow: the smallest extension in whole villages that cures its findings."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import shapely
from psycopg2.extensions import cursor as Cursor

from gridmap.db.session import Connection, snapshot, today, transaction
from gridmap.domain.draft import Content
from gridmap.domain.finding import Row
from gridmap.domain.rule import Rule
from gridmap.domain.zone import ZoneDraft
from gridmap.engines import postgis
from gridmap.errors import NotFoundError
from gridmap.ingest import shapes
from gridmap.planning import face_choice, faces
from gridmap.planning.faces import Face, Network
from gridmap.planning.proposal_told import CERTAINTY_ZH, RULES, Found, Proposal, Taken, Why, purpose
from gridmap.rules import catalogue as catalogues
from gridmap.rules.catalogue import Catalogue
from gridmap.store import draft_sides, drafts, network, proposal_ground, zones
from gridmap.store.proposal_ground import Ground
from gridmap.store.regions import RegionRow, list_counties

KIND = "coal_free"
NEW_ZONE_ERROR_M = 200.0
"""A new zone is no surer than the outlines of counties, metres, until somebody surveys it."""


def propose(
    conn: Connection,
    county: str,
    *,
    author: str,
    smooth: bool = False,
    dry_run: bool = False,
    day: dt.date | None = None,
    catalogue: Catalogue | None = None,
) -> Proposal:
    """Make a draft of a county's coal-free zone that cures its findings of COAL-01 to 03, verified by these rules.

    conn: the owner's. smooth: draw one boundary along roads and outlines around the villages, and name only those that
    it cannot hold. dry_run: keep no draft. day: judge this day, today when None. Without a finding that a coal-free
    zone can cure nothing is made. NotFoundError when there is no such county.
    """
    on = day or today(conn)
    region = next((row for row in list_counties(conn, as_of=on) if row.code == county), None)
    if region is None:
        raise NotFoundError(f"there is no county {county}")
    rules = catalogue or catalogues.load()
    made: list[Proposal] = []
    try:
        with transaction(conn) as cursor:
            made.append(_Work(cursor, region, on, author, smooth, [rules.get(rule_id) for rule_id in RULES]).run())
            if dry_run:
                raise _NotKept
    except _NotKept:
        return dataclasses.replace(made[0], draft=None)
    return made[0]


class _NotKept(Exception):
    """The draft was tried only."""


Key = tuple[str, str, str, str]


class _Work:
    """One proposal in the making, inside a transaction: a draft, drawn and judged until it is the smallest."""

    def __init__(
        self, cursor: Cursor, region: RegionRow, day: dt.date, author: str, smooth: bool, rules: Sequence[Rule]
    ) -> None:
        self.cursor, self.conn = cursor, cursor.connection
        self.region, self.day, self.author, self.smooth, self.rules = region, day, author, smooth, rules
        self.draft = 0
        self.base: int | None = None

    def run(self) -> Proposal:
        before = self._judge(None)
        told = tuple(_found(key, row) for key, row in before.items())
        if not any(_curable(key) for key in before):
            left = tuple(dataclasses.replace(found, why=_why(_key_of(found))) for found in told)
            return self._proposal(None, told, (), left, 0.0, ())
        self.base = proposal_ground.base_of(self.cursor, self.region.code, KIND, self.day)
        if self.base is None:
            standing, drawn = before, Content(units_in=self._wanted(before))
            self.draft = self._new(drawn).zone_id
            drawn = Content()
        else:
            made = drafts.create(self.cursor, self.base, title=self._title, author=self.author)
            self.draft = made.zone_id
            drawn = drafts.get_content(self.cursor, self.draft)
            standing = self._judge(self.draft)  # not the law's where a newer version is published already
        wanted = self._wanted(standing)
        excluded = set(wanted) & set(drawn.units_out)
        start = dataclasses.replace(
            drawn, units_out=tuple(code for code in drawn.units_out if code not in excluded), unit_notes={
                code: text for code, text in drawn.unit_notes.items() if code not in excluded
            },
        )  # fmt: skip
        holders = self._holders(standing, set(wanted) | set(drawn.units_in))
        with snapshot(self.conn, self.day) as cursor:
            grounds = proposal_ground.villages(cursor, {*wanted, *holders})
        chosen: tuple[Face, ...] = ()
        if self.smooth:
            start, chosen = self._along_roads(start, standing, grounds, wanted)
        # what taking an exclusion back and drawing a line has cured already needs no name
        named = self._wanted(self._judge_content(start)) if _says_anything(start) else wanted
        names = self._needed(start, named, holders, grounds)
        reasons = self._reasons(standing, grounds)
        final = dataclasses.replace(
            start,
            units_in=(*start.units_in, *names),
            unit_notes={**start.unit_notes, **{code: reasons[code] for code in names}},
        )
        drafts.write_content(self.cursor, self.draft, final)
        after = self._judge(self.draft)
        taken = tuple(
            Taken(code, grounds[code].name, _how(code, names, excluded, start), reasons[code])
            for code in sorted({*wanted, *names})
            # a listed village may cover another by its territory: then that one needs no mention
            if code in names or code in excluded or chosen
        )
        left = tuple(_found(key, row, why=_why(key)) for key, row in after.items())
        land = draft_sides.land(self.cursor, self.draft, self.base)
        proposal = self._proposal(self.draft, told, taken, left, land.gained_m2, chosen)
        drafts.describe(self.cursor, self.draft, title=self._title, purpose=purpose(proposal), actor=self.author)
        return proposal

    @property
    def _title(self) -> str:
        return f"{self.region.name}禁煤区补划建议（{'沿道路和界线' if self.smooth else '按村名单'}）"

    @property
    def _least_land_m2(self) -> float:
        """Return below which area COAL-02 finds nothing in land that is left out."""
        return float(self.rules[RULES.index("COAL-02")].parameters(self.day)["least_area_m2"])  # type: ignore[arg-type]

    def _new(self, content: Content) -> drafts.DraftRow:
        """Make a draft of the county's first zone; what a decree would say stays to be filled in."""
        drawn = ZoneDraft(
            lineage=proposal_ground.free_lineage(self.cursor, f"{KIND}_{self.region.code}"),
            kind=KIND,
            name=f"{self.region.name}禁煤区",
            county_code=self.region.code,
            issuer=f"{self.region.name}人民政府",
            document="（拟稿，尚无文件）",
            begins_on=self.day,
            is_sketch=True,
            position_error_m=NEW_ZONE_ERROR_M,
            source="本平台按规则检查结果建议",
            **dataclasses.asdict(content),
        )
        return drafts.create_new(self.cursor, drawn, title=self._title, author=self.author)

    def _judge(self, draft: int | None) -> dict[Key, Row]:
        """Return what the three rules find in the county, by key, were the draft law."""
        county = self.region.code
        with snapshot(self.conn, self.day, draft=draft, counties=[county]) as cursor:
            return {
                (rule.id, row.feature_kind, row.feature_id, row.part): row
                for rule in self.rules
                for row in postgis.evaluate(cursor, rule, as_of=self.day)
                if row.county_code == county
            }

    def _judge_content(self, content: Content) -> dict[Key, Row]:
        drafts.write_content(self.cursor, self.draft, content, squares=False)
        return self._judge(self.draft)

    def _wanted(self, found: Iterable[Key]) -> tuple[str, ...]:
        """Return the villages that a coal-free zone must take in."""
        return tuple(sorted({key[2] for key in found if _curable(key) and key[1] == "village"}))

    def _holders(self, found: Mapping[Key, Row], known: set[str]) -> tuple[str, ...]:
        """Return the villages, themselves covered, whose territories hold land that is left out."""
        lands = [row.geom_hex for key, row in found.items() if key[1] == "gap" and row.geom_hex]
        if not lands:
            return ()
        with snapshot(self.conn, self.day) as cursor:
            return tuple(code for code in proposal_ground.holders(cursor, self.region.code, lands) if code not in known)

    def _needed(
        self, start: Content, named: Sequence[str], holders: Sequence[str], grounds: Mapping[str, Ground]
    ) -> tuple[str, ...]:
        """Return the fewest of the villages whose names cure what all of them cure: none can be left out."""
        names = [*named, *holders]
        if not names:
            return ()
        cured = set(self._judge_content(_with(start, names)))
        # the largest first, so that what is left is small; a village known by a point adds no land
        doubtful = sorted(_may_be_needless(names, holders, grounds), key=lambda code: (-_land(grounds[code]), code))
        for code in doubtful:
            fewer = [name for name in names if name != code]
            trial = _with(start, fewer)
            if _says_anything(trial) and set(self._judge_content(trial)) <= cured:
                names = fewer
        return tuple(sorted(names))

    def _along_roads(
        self, start: Content, standing: Mapping[Key, Row], grounds: Mapping[str, Ground], wanted: Sequence[str]
    ) -> tuple[Content, tuple[Face, ...]]:
        """Draw a line around the villages along roads and outlines, as far as it cures something by itself.

        A face stays only while it cures a village or takes in land that is left out; how rough its lines are is told
        of the draft, and a village nearer to the line than that is not held by it.
        """
        # a first zone has nothing to begin from: what its draft lists so far is no boundary
        with snapshot(self.conn, self.day, draft=None if self.base is None else self.draft) as cursor:
            county = proposal_ground.county_land(cursor, self.region.code)
            if county is None:
                return start, ()
            # a line along the frame itself would be cut away
            lines = network.lines(cursor, shapely.buffer(county, faces.LEAST_WIDTH_M).bounds, [KIND])
            present = proposal_ground.cover(cursor, KIND)
        own_error_m = zones.get_zone(self.conn, self.draft).position_error_m
        net = faces.build(lines)
        inside = {n for n, face in enumerate(net.faces) if county.contains(face.inner)}
        home = {n for n in inside if present.contains(net.faces[n].inner)}
        free = inside - home
        held = face_choice.holding(net.faces, {code: grounds[code].point for code in wanted})
        land = _holding_land(net, free, standing, self._least_land_m2)
        kept = free & (held.keys() | land)
        while kept:
            taken = kept | face_choice.bridges(net, kept, home, free)
            chosen = tuple(net.faces[n] for n in sorted(taken))
            proposal_ground.set_error(
                self.cursor, self.draft, max(own_error_m, *(face.error_m for face in chosen))
            )  # fmt: skip
            content = dataclasses.replace(start, boundary_wkb=face_choice.boundary(start.boundary_wkb, chosen, county))
            left = set(self._wanted(self._judge_content(content)))
            useful = {n for n in kept if n in land or held.get(n, set()) - left}
            if useful == kept:
                return content, chosen
            kept = useful
        proposal_ground.set_error(self.cursor, self.draft, own_error_m)
        return start, ()

    def _reasons(self, found: Mapping[Key, Row], grounds: Mapping[str, Ground]) -> dict[str, str]:
        """Return for each village which findings its taking in cures, in Chinese."""
        titles = {rule.id: rule.title for rule in self.rules}
        told: dict[str, list[str]] = {code: [] for code in grounds}
        for key, row in found.items():
            if _curable(key) and key[2] in told:
                told[key[2]].append(f"{key[0]} {titles[key[0]]}{CERTAINTY_ZH[row.certainty]}")
        return {
            code: "消除 " + "；".join(texts) if texts else "消除 COAL-02：本村界线内有未划入的土地"
            for code, texts in told.items()
        }

    def _proposal(
        self,
        draft: int | None,
        before: tuple[Found, ...],
        taken: tuple[Taken, ...],
        remaining: tuple[Found, ...],
        area_added_m2: float,
        chosen: Sequence[Face],
    ) -> Proposal:
        return Proposal(
            self.region.code, self.region.name, self.day, self.smooth, draft, self.base, before, taken, remaining,
            area_added_m2, len(chosen), tuple(sorted({road.name for face in chosen for road in face.roads})),
        )  # fmt: skip


def _curable(key: Key) -> bool:
    """Return whether a coal-free zone can cure a finding: limb (a) of COAL-03 asks for a no-burn zone."""
    return not (key[0] == "COAL-03" and key[3] != KIND)


def _why(key: Key) -> Why:
    if not _curable(key):
        return "no_burn"
    return "land" if key[1] == "gap" else "other"


def _found(key: Key, row: Row, why: str = "") -> Found:
    return Found(*key, row.name, row.certainty, why)


def _key_of(found: Found) -> Key:
    return found.rule_id, found.feature_kind, found.feature_id, found.part


def _with(content: Content, names: Collection[str]) -> Content:
    return dataclasses.replace(content, units_in=(*content.units_in, *names))


def _says_anything(content: Content) -> bool:
    return content.boundary_wkb is not None or bool(content.units_in)


def _how(
    code: str, names: Collection[str], excluded: Collection[str], drawn: Content
) -> Literal["list", "unlist", "boundary"]:
    if code in names:
        return "list"
    return "unlist" if code in excluded else "boundary"


def _land(ground: Ground) -> float:
    return 0.0 if ground.territory is None else float(ground.territory.area)


def _may_be_needless(names: Sequence[str], holders: Collection[str], grounds: Mapping[str, Ground]) -> list[str]:
    """Return the villages that others' territories might cover, and those that are there for their land only.

    Any other has a finding of its own that only its own name cures: asking the rules once more would tell nothing.
    """
    owners = [code for code in names if grounds[code].territory is not None]
    if not owners:
        return []
    places = [grounds[code].territory or grounds[code].point for code in names]
    tree = shapely.STRtree([grounds[code].territory for code in owners])
    pairs = tree.query(places, predicate="intersects").T.tolist()
    covered = {names[place] for place, owner in pairs if owners[owner] != names[place]}
    return [code for code in names if code in covered or code in holders]


def _holding_land(net: Network, free: Collection[int], found: Mapping[Key, Row], least_m2: float) -> set[int]:
    """Return the faces in which so much land lies that a rule finds left out."""
    lands = [shapely.from_wkb(row.geom_hex) for key, row in found.items() if key[1] == "gap" and row.geom_hex]
    if not lands:
        return set()
    gap = shapes.to_metres(shapely.union_all(lands))
    return {n for n in free if net.faces[n].area.intersection(gap).area >= least_m2}
