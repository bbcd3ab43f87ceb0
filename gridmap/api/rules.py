"""/api/rules: the duties, and where they stand."""

from __future__ import annotations

from typing import Any

from flask import Response

from gridmap.api.core import blueprint, respond
from gridmap.api.days import catalogue
from gridmap.api.links import link
from gridmap.api.request import Query
from gridmap.domain.rule import Rule
from gridmap.rules.present import legal_of


@blueprint.get("/api/rules")
def list_rules() -> Response:
    """List the rules in force, by id."""
    query = Query()
    query.finish()
    rules = [_brief(rule, query.lang) for rule in catalogue().rules]
    return respond({"rules": rules, "links": [link("self", "/api/rules")]})


@blueprint.get("/api/rules/<rule_id>")
def get_rule(rule_id: str) -> Response:
    """Return one rule with its reasons, traps, parameters and SELECT."""
    query = Query()
    query.finish()
    rule = catalogue().get(rule_id)
    content = _brief(rule, query.lang) | {
        "why": rule.why,
        "fix": rule.fix,
        "trap": rule.trap,
        "reads": list(rule.reads),
        "params": [
            {"name": param.name, "type": param.type, "default": _plain(param.default), "note": param.note}
            for param in rule.params
        ],
        "sql": rule.sql,
        "links": [link("self", f"/api/rules/{rule.id}"), link("findings", f"/api/findings?rule={rule.id}")],
    }
    return respond(content)


def _brief(rule: Rule, lang: str) -> dict[str, Any]:
    return {
        "id": rule.id,
        "theme": rule.theme,
        "title": rule.title_en if lang == "en" else rule.title,
        "severity": rule.severity,
        "judges": rule.judges,
        "status": rule.status,
        "since": rule.since.isoformat(),
        "where": list(rule.where),
        "legal": legal_of(rule),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str) else str(value)
