"""/sites/<id> and the badges of repeats, on the demo city: a site that was handed over four times and is still open."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from gridmap.cli import cli

SITE = "demo-con-0003"
AGAIN = "反复交办 4 次"


def test_a_page_tells_what_is_wrong_where_and_since_when(client: FlaskClient) -> None:
    html = client.get(f"/sites/{SITE}").text
    assert AGAIN in html and "GRID-07" in html and "怎么改" in html
    assert (
        "网格长-410105001-01" in html
        and "市区禁煤区" in html
        and "± 50 m" in html
        and "最近的" not in html.split("<main")[0]
    )
    assert "没有申报：规则不据此认定违规" in html and "起始日期没有登记" in html
    assert "市控尘办" in html and "没有检查、巡查或上报的记录" in html
    assert "—</td>" not in html and "<dd></dd>" not in html


def test_the_api_and_the_command_tell_the_same(
    client: FlaskClient, city_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = client.get(f"/api/sites/{SITE}").get_json(force=True)
    assert told["repeat"]["reasons"] == ["handed"] and told["repeat"]["words"] == [AGAIN]
    fields = {each["name"]: each for each in told["records"][0]["fields"]}
    assert fields["site_area_m2"]["value"] is None and "没有申报" in fields["site_area_m2"]["words"]
    assert [len(told[name]) for name in ("findings", "cases", "handovers", "visits")] == [1, 1, 4, 0]
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)
    written = CliRunner().invoke(cli, ["site", "show", SITE, "--json"])
    assert json.loads(written.output) == told
    shown = CliRunner().invoke(cli, ["site", "show", SITE, "--lang", "en"])
    assert shown.exit_code == 0 and "handed over again and again, 4 times" in shown.output
    assert CliRunner().invoke(cli, ["site", "show", "nothing"]).exit_code == 1


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/sites/none", 404, "没有编号为“none”的点位"),
        ("/sites/%E7%AB%99%27%3B--", 404, "没有编号为"),
        ("/sites/" + "x" * 3000, 404, "没有编号为"),
        (f"/sites/{SITE}?on=1900-01-01", 400, "不是有效日期"),
        (f"/sites/{SITE}?on=2020-10-14&as_of=2020-10-13", 400, "两个不同的日期"),
        ("/api/sites/none", 404, "there is no site"),
        (f"/api/sites/{SITE}?on=1900-01-01", 400, "1900-01-01"),
        (f"/api/sites/{SITE}?page=2", 400, "no parameter page"),
    ],
)
def test_mistakes_are_one_sentence(client: FlaskClient, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status and words in answer.text


def test_a_site_leads_to_its_page_and_back(client: FlaskClient) -> None:
    key = client.get(f"/api/sites/{SITE}").get_json(force=True)["findings"][0]["key"]
    for address in (
        f"/findings/{key}",
        "/table?layer=site&county=410105",
        "/near?lon=113.6597&lat=34.77257&radius_m=500",
        "/counties/410105",
        "/cells/410105001",
    ):
        html = client.get(address).text
        assert f'href="/sites/{SITE}"' in html and AGAIN in html, address
    assert f'href="/findings/{key}"' in client.get(f"/sites/{SITE}").text


def test_only_repeats_on_page_api_command_and_file(
    client: FlaskClient, city_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = client.get("/api/findings?repeats=true&limit=1000").get_json(force=True)
    assert 0 < found["numberMatched"] < 100
    assert all(item["repeat"]["stands_out"] for item in found["items"] if item["feature_kind"] == "site")
    html = client.get("/table?repeats=true").text
    assert AGAIN in html and f"<b>{found['numberMatched']}</b>" in html and 'value="true" checked' in html
    rows = list(csv.DictReader(io.StringIO(client.get("/api/findings?repeats=true&f=csv").text.lstrip("\ufeff"))))
    mine = next(row for row in rows if row["对象编号"] == SITE)
    assert (mine["反复和死灰复燃"], mine["半年内交办次数"], mine["死灰复燃次数"]) == (AGAIN, "4", "0")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", city_url)
    written = CliRunner().invoke(cli, ["findings", "--repeats"])
    assert f"{found['numberMatched']} findings" in written.output and AGAIN in written.output
    assert client.get("/api/findings?repeats=yes").status_code == 400
