"""POST /drafts/proposal: a planner's button makes a draft and goes to it."""

import re

from flask import g, render_template_string

from gridmap.db.session import transaction
from gridmap.domain.roles import Grant, Reader
from gridmap.store import drafts


def ask(client, county="410181", variant="villages"):
    return client.post("/drafts/proposal", data={"county": county, "variant": variant})


def test_a_planner_gets_a_draft_of_his_county_and_is_sent_to_it(enter, own):
    answer = ask(enter("planner", "410181"), variant="smooth")
    assert answer.status_code == 303
    zone_id = int(re.fullmatch(r"/drafts/(\d+)", answer.location)[1])
    with transaction(own) as cursor:
        made = drafts.get_draft(cursor, zone_id)
        assert (made.county_code, made.kind, made.state) == ("410181", "coal_free", "drafting")
        cursor.execute(
            "SELECT DISTINCT actor FROM gridmap.audit_log WHERE relation = 'zone_draft' AND row_key = %s",
            [str(zone_id)],
        )
        assert [actor for (actor,) in cursor.fetchall()] == [made.author]


def test_nobody_proposes_for_another_county_nor_the_city_for_one(enter, own):
    with transaction(own) as cursor:
        before = len(drafts.list_drafts(cursor))
    assert ask(enter("planner", "410182")).status_code == 403
    assert ask(enter("reviewer", "410181")).status_code == 403
    assert ask(enter("bureau")).status_code == 403
    with transaction(own) as cursor:
        assert len(drafts.list_drafts(cursor)) == before


def test_a_county_without_findings_is_told_so(enter):
    answer = ask(enter("planner", "410182"), county="410182")
    assert answer.status_code == 409
    assert "荥阳市没有需要靠禁煤区解决的问题" in answer.text


def test_what_is_no_choice_is_refused(enter):
    client = enter("planner", "410181")
    for county, variant in (("", "villages"), ("410181", "round"), ("巩义市", "villages"), ("410181'", "smooth")):
        assert ask(client, county, variant).status_code == 400


class View:
    """What the button asks of a page's view."""

    @staticmethod
    def county_name(code, _lang):
        return f"县{code}"


def test_the_button_is_for_planners_with_their_counties(own_app):
    def shown(role, place=None):
        with own_app.test_request_context("/"):
            g.reader = Reader(1, "x", "岗", (Grant(role, county_code=place),))
            return render_template_string('{% include "propose_button.html" %}', view=View())

    assert 'action="/drafts/proposal"' in shown("planner", "410181")
    assert '<option value="410181">县410181</option>' in shown("planner", "410181")
    assert "<form" not in shown("reviewer", "410181")
    assert "<form" not in shown("bureau")
