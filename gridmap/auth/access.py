"""What each route asks for. A route that is missing here is closed to everybody."""

from __future__ import annotations

from typing import Final

PUBLIC: Final = "public"
"""Open to whoever comes, logged in or not."""

ACCOUNT: Final = "account"
"""Open to every account, whatever it may do: its own password, leaving."""

# endpoint -> permission (domain/roles.py), PUBLIC or ACCOUNT
ENDPOINTS: dict[str, str] = {
    "static": PUBLIC,
    "favicon": PUBLIC,
    "api.health": PUBLIC,
    "web.login": PUBLIC,
    "web.log_in": PUBLIC,
    "web.log_out": ACCOUNT,
    "web.ask_for_code": PUBLIC,
    "web.check_code": PUBLIC,
    "web.show_account": ACCOUNT,
    "web.end_other_sessions": ACCOUNT,
    "web.end_session": ACCOUNT,
    "web.show_password": ACCOUNT,
    "web.change_password": ACCOUNT,
    "web.show_second_factor": ACCOUNT,
    "web.turn_on_second_factor": ACCOUNT,
    "web.turn_off_second_factor": ACCOUNT,
    "web.list_accounts": "account:read",
    "web.show_one_account": "account:read",
    "web.create_account": "account:change",
    "web.grant_role": "account:change",
    "web.revoke_role": "account:change",
    "web.reset_password": "account:change",
    "web.set_account_active": "account:change",
    "web.reset_second_factor": "account:change",
    "web.end_account_sessions": "account:change",
    "web.show_log": "log:read",
    "web.export_log": "log:read",
    "web.show_map": "map:read",
    "web.show_table": "map:read",
    "web.show_data": "map:read",
    "web.list_rules": "rule:read",
    "web.show_rule": "rule:read",
    "web.show_zone": "map:read",
    "web.show_zone_diff": "map:read",  # drafts only for whoever may read them: web/diff_form.py
    "web.show_zone_diff_report": "map:read",
    "web.export_zone_diff": "map:read",
    "web.show_law": "map:read",
    "web.show_law_report": "map:read",
    "web.export_law": "map:read",
    "web.show_finding": "finding:read",
    "web.show_city": "statistics:read",
    "web.show_own_county": "statistics:read",
    "web.show_county": "statistics:read",
    "web.export_city": "statistics:read",
    "web.export_county": "statistics:read",
    "web.draw_draft": "draft:change",
    "web.accept_finding": "exception:decide",
    "web.revoke_exception": "exception:decide",
    "web.back_to_finding": "finding:read",
    "web.list_duties": "duty:read",
    "web.show_duties": "duty:read",
    "web.hand_over_duty": "duty:change",
    "web.list_drafts": "draft:read",
    "web.create_draft": "draft:change",
    "web.show_draft": "draft:read",
    "web.take_draft_step": "draft:read",  # each step asks for its own: domain/draft.py
    "web.back_to_draft": "draft:read",
    "api.landing": "map:read",
    "api.nothing_here": "map:read",
    "api.conformance": "map:read",
    "api.openapi": "map:read",
    "api.legend": "map:read",
    "api.list_collections": "map:read",
    "api.get_collection": "map:read",
    "api.list_items": "map:read",
    "api.get_item": "map:read",
    "api.list_tilesets": "map:read",
    "api.describe_tiles": "map:read",
    "api.tile": "map:read",
    "api.list_all": "finding:read",
    "api.get_one": "finding:read",
    "api.list_rules": "rule:read",
    "api.get_rule": "rule:read",
    "api.zones_at_place": "map:read",
    "api.get_draft": "draft:read",
    "api.save_draft": "draft:change",
    "api.copy_draft": "draft:change",
    "api.show_impact": "draft:read",  # of what is not saved: draft:change
    "web.propose_draft": "draft:change",
    "api.list_faces": "draft:read",
    "worker": PUBLIC,
    "web.start": ACCOUNT,
    "web.show_my_cell": ACCOUNT,
    "web.show_cell": "cell:read",
    "web.show_patrols": "cell:read",
    "web.show_report": "cell:read",
    "web.show_photo": "cell:read",
    "web.tell_session": ACCOUNT,
    "web.send_report": "report:create",
    "web.send_patrol": "patrol:create",
}

WITH_OLD_PASSWORD = frozenset({"web.log_out", "web.show_password", "web.change_password"})
"""What an account may still do while its password must be changed."""
