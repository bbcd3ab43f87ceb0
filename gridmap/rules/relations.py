"""What a rule reads, told from its text without parsing it: relations, kinds of zone, kinds of feature it finds."""

from __future__ import annotations

import re

from gridmap import glossary
from gridmap.domain.rule import Rule

RELATION_READS: dict[str, frozenset[str]] = {
    "region": frozenset({"region"}),
    "village": frozenset({"village"}),
    "village_all": frozenset({"village"}),
    "village_named": frozenset({"village", "zone"}),
    "village_cover": frozenset({"village", "zone"}),
    "zone": frozenset({"zone"}),
    "zone_unit": frozenset({"zone"}),
    "kind_cover": frozenset({"zone"}),
    "kind_gap": frozenset({"region", "village", "zone"}),
    "site": frozenset({"site"}),
    "site_all": frozenset({"site"}),
    "site_in_zone": frozenset({"site", "zone"}),
    "enterprise": frozenset({"enterprise", "site"}),
    "enterprise_all": frozenset({"enterprise", "site"}),
    "power_plant_all": frozenset({"power_plant", "site"}),
    "cluster_plan": frozenset({"cluster_plan"}),
    "stack": frozenset({"site", "stack"}),
    "restaurant": frozenset({"restaurant", "site"}),
    "off_peak_share": frozenset({"off_peak_share"}),
    "emergency_measure": frozenset({"emergency_measure"}),
    "power_plant": frozenset({"power_plant", "site"}),
    "machine": frozenset({"machine", "site"}),
    "coal_outlet": frozenset({"coal_outlet", "site"}),
    "coal_outlet_all": frozenset({"coal_outlet", "site"}),
    "boiler": frozenset({"boiler", "site"}),
    "burning_facility": frozenset({"burning_facility", "site"}),
    "area_gap": frozenset({"region", "zone"}),
    "seat_cover": frozenset({"region", "zone"}),
    "zone_previous": frozenset({"zone"}),
    "zone_lost_land": frozenset({"zone"}),
    "zone_lost_village": frozenset({"village", "zone"}),
    "construction_site": frozenset({"construction_site", "site"}),
    "quarry": frozenset({"quarry", "site"}),
    "storage_yard": frozenset({"site", "storage_yard"}),
    "hundred_percent": frozenset({"hundred_percent"}),
    "inspection_measure": frozenset({"inspection", "inspection_measure", "site"}),
    "inspection_item": frozenset({"inspection", "inspection_item", "site"}),
    "road_setting": frozenset({"road", "road_setting"}),
    "road_damage": frozenset({"road_damage"}),
    "road_damage_in_zone": frozenset({"road_damage", "zone"}),
    "hotspot": frozenset({"hotspot"}),
    "road": frozenset({"road"}),
    "station": frozenset({"station"}),
    "grid_cell": frozenset({"grid_cell"}),
    "duty": frozenset({"duty"}),
    "season": frozenset({"season"}),
    "alert": frozenset({"alert"}),
    "permit": frozenset({"permit"}),
    "inspection": frozenset({"inspection", "site"}),
    "observation": frozenset({"observation"}),
    "measured_value": frozenset({"observation", "region", "road", "site", "station"}),
    "patrol": frozenset({"patrol"}),
    "case_file": frozenset({"case_file"}),
    "place_mention": frozenset({"place_mention"}),
    "vehicle": frozenset({"site", "vehicle"}),
    "market": frozenset({"market", "site"}),
    "gas_station": frozenset({"gas_station", "site"}),
    "test_station": frozenset({"site", "test_station"}),
    "remote_sensor": frozenset({"remote_sensor", "site"}),
    "road_all": frozenset({"road"}),
    "road_cell": frozenset({"grid_cell", "road"}),
    "judged_area": frozenset({"region"}),
    "cell_gap": frozenset({"grid_cell"}),
    "cell_overlap": frozenset({"grid_cell"}),
    "case_handover": frozenset({"case_file", "case_handover"}),
    "place_candidate": frozenset({"place_mention", "region", "village"}),
}
"""Relation of schema snapshot -> base tables whose change may change it. A zone's units and boundary pieces change
only with the zone and count as it. A test holds this table against the definitions of the views."""

ZONES_IN_SQUARES = frozenset({"site_in_zone", "village_cover"})
"""Relations that ask zones about a site or village and nothing else: a zone matters where its outline or list does."""

ZONES_IN_COUNTIES = ZONES_IN_SQUARES | {
    "area_gap", "kind_gap", "seat_cover", "zone_lost_land", "zone_lost_village", "zone_previous",
}  # fmt: skip
"""Relations whose rows belong to a county and ask zones about it and about what lies there."""

_NAMED = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)")
_FOUND = re.compile(r"'([a-z_]+)'\s+AS\s+feature_kind")


def zone_kinds(rule: Rule) -> list[str]:
    """Return the kinds of zone that a rule asks about: those that its SELECT or a parameter names."""
    values = [value for param in rule.params for value in (param.default, *(later for _day, later in param.changes))]
    named = {text for value in values for text in (value if isinstance(value, tuple) else (value,))}
    return [kind for kind in glossary.terms()["zone_kind"] if f"'{kind}'" in rule.sql or kind in named]


def reads_zones(rule: Rule) -> bool:
    """Return whether zones may matter to a rule."""
    return rule.judges == "zone" or "zone" in rule.reads


def asks_zone(rule: Rule, kind: str) -> bool:
    """Return whether a zone of a kind may matter to a rule; one that names no kind asks them all."""
    kinds = zone_kinds(rule)
    return reads_zones(rule) and (not kinds or kind in kinds)


def zone_relations(rule: Rule) -> set[str]:
    """Return the relations by which a rule asks zones."""
    return {name for name in _NAMED.findall(rule.sql) if "zone" in RELATION_READS.get(name, ())}


def site_tables(rule: Rule) -> set[str]:
    """Return the tables of kinds of site that a rule on sites reads: only sites of which one of them tells are found.

    A rule that names no such table may find any site. A test holds the rules that ask zones to it.
    """
    return set(rule.reads) & set(glossary.terms()["site_kind"])


def holding_sites(rule: Rule) -> set[str]:
    """Return the relations by which a rule on sites reads those that it judges."""
    kinds = set(glossary.terms()["site_kind"])
    return (kinds | {"site", "site_in_zone"}) & set(_NAMED.findall(rule.sql))


def finds(rule: Rule) -> set[str]:
    """Return the kinds of feature that a rule may find; "" stands for one that its text does not tell."""
    if "feature_kind" not in rule.sql:
        return {rule.judges}
    told = _FOUND.findall(rule.sql)
    return {*told, *([""] if len(told) < rule.sql.count("AS feature_kind") else [])}
