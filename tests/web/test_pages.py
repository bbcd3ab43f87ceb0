"""Pages of the demo city, by a client without JavaScript."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from gridmap import glossary
from gridmap.db.session import Connection
from gridmap.rules import catalogue
from gridmap.store.findings import FindingFilter, list_findings, number_of_findings
from gridmap.store.zones import list_zones

HUIGUO = "410181113"
PAGES = ("/", "/table", "/table?layer=village", "/table?layer=zone", "/rules", "/rules/COAL-01", "/data")


class Page(HTMLParser):
    """What a test asks of a page: its tags and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._quiet = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._quiet = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.text += data


def get(client: FlaskClient, path: str, status: int = 200) -> Page:
    """Open a page and check what holds of every page."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text[-500:]
    page = Page(answer.text)
    check_policy(answer.headers["Content-Security-Policy"], page)
    check_addresses(page)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    return page


def check_policy(policy: str, page: Page) -> None:
    """Assert the policy, and that scripts and styles of the page carry its nonce."""
    found = re.search(r"'nonce-([^']+)'", policy)
    assert found
    nonce = found[1]
    assert policy == (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
        "worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    for tag, attributes in page.tags:
        if tag in ("script", "style"):
            assert attributes.get("nonce") == nonce, (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)


def check_addresses(page: Page) -> None:
    """Assert that nothing leads to another host."""
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "data"):
            address = attributes.get(name)
            assert not (address and urlsplit(address).netloc), (tag, address)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(client: FlaskClient, path: str, lang: str) -> None:
    page = get(client, f"{path}{'&' if '?' in path else '?'}lang={lang}")
    html = next(attributes for tag, attributes in page.tags if tag == "html")
    assert html["lang"] == {"zh": "zh-CN", "en": "en"}[lang]
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert "2020-10-15" in page.text


def test_the_policy_has_a_new_nonce_each_time(client: FlaskClient) -> None:
    policies = {client.get("/rules").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_the_headline_counts_plain_villages_in_breach(client: FlaskClient, city: Connection) -> None:
    wanted = FindingFilter(rules=("COAL-01",), certainties=("breach",))
    number = number_of_findings(city, wanted)
    page = get(client, "/")
    assert re.search(rf"{number}\s*个平原村不在任何禁煤区内", page.text)
    links = [attributes["href"] for tag, attributes in page.tags if attributes.get("data-county") == "410181"]
    assert links == ["/?county=410181&rule=COAL-01"]


@pytest.mark.parametrize(
    ("rule_id", "lang", "words"),
    [
        ("BOIL-01", "zh", "集中供热、天然气、电、地热、太阳能、风能"),
        ("BOIL-01", "en", "heat network, natural gas, electricity"),
        ("COAL-13", "zh", "全市应有的供应中心"),
        ("COAL-03", "zh", "巩义市"),
        ("INDU-12", "zh", "钢铁、石化、化工"),
    ],
)
def test_figures_of_a_rule_are_told_in_words(client: FlaskClient, rule_id: str, lang: str, words: str) -> None:
    html = client.get(f"/rules/{rule_id}?lang={lang}").text
    table = html[html.index("list params") :].split("</table>")[0]
    assert words in table
    values = re.findall(r"</code></th><td>(.*?)</td>", table, re.S)
    assert values and not [value for value in values if re.search(r"\b[a-z]+_[a-z]+|\b41\d{4}\b", value)]


def test_before_the_duty_the_map_says_so(client: FlaskClient) -> None:
    page = get(client, "/?as_of=2019-06-01")
    assert "尚无划定义务" in page.text and "现在看的是 2019-06-01 的情况" in page.text


def test_the_language_is_remembered(client: FlaskClient) -> None:
    client.get("/rules?lang=en")
    assert "Severity" in get(client, "/rules").text
    client.get("/rules?lang=zh")
    assert "严重程度" in get(client, "/rules").text


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/?as_of=abc", "日期“abc”不是有效日期"),
        ("/?as_of=2020-02-30", "日期“2020-02-30”不是有效日期"),
        ("/table?as_of=99999-01-01", "不是有效日期"),
        ("/?as_of=0001-01-01", "不是有效日期"),
        ("/?county=999999", "参数 county 的值“999999”无效"),
        ("/?severity=dire", "参数 severity 的值“dire”无效"),
        ("/table?layer=nothing", "参数 layer 的值“nothing”无效"),
        ("/table?page=0", "页码“0”"),
        ("/table?q=%00", "无效字符"),
    ],
)
def test_a_mistake_in_the_address_is_one_sentence(client: FlaskClient, path: str, sentence: str) -> None:
    page = get(client, path, 400)
    assert sentence in page.text and "请改正网址中的参数" in page.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/findings/0123", "/findings/' OR 1", "/rules/COAL-99", "/zones/0", "/zones/x", "/?rule=XX-1"]
)
def test_what_does_not_exist_is_said_in_both_languages(client: FlaskClient, path: str) -> None:
    page = get(client, path, 404)
    assert "未找到" in page.text and "Not found" in page.text
    assert "there is no" not in page.text
    assert "there is no" in get(client, f"{path}{'&' if '?' in path else '?'}lang=en", 404).text.lower()


def test_an_unknown_path_of_the_api_is_a_problem_report(client: FlaskClient) -> None:
    answer = client.get("/api/nowhere")
    assert answer.status_code == 404
    assert answer.content_type.startswith("application/problem+json")


def test_posting_to_a_page_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/rules")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def test_the_table_filters_as_the_map_does(client: FlaskClient, city: Connection) -> None:
    wanted = FindingFilter(rules=("COAL-01",), counties=("410181",), certainties=("breach",))
    number = number_of_findings(city, wanted)
    page = get(client, "/table?rule=COAL-01&county=410181&certainty=breach")
    assert re.search(rf"\b{number}\b\s*条", page.text)
    assert "小訾殿村" in page.text
    hrefs = [attributes.get("href") or "" for tag, attributes in page.tags if tag == "a"]
    assert "/table/export?county=410181&rule=COAL-01&certainty=breach&layer=finding&f=csv" in hrefs
    assert any(
        re.fullmatch(r"/\?county=410181&rule=COAL-01&certainty=breach&sel=finding%3A\w+#14/[\d./]+", h) for h in hrefs
    )


def test_the_table_finds_by_code_and_by_name(client: FlaskClient) -> None:
    assert "小訾殿村" in get(client, f"/table?q={HUIGUO}").text
    assert "老井沟村" in get(client, "/table?q=老井沟").text


def test_an_empty_table_helps_on(client: FlaskClient) -> None:
    assert "可以放宽筛选" in get(client, "/table?q=没有这样的村").text
    assert "没有这一页" in get(client, "/table?page=9999").text


def test_every_layer_has_a_table(client: FlaskClient) -> None:
    page = get(client, "/table")
    layers = [attributes["value"] for tag, attributes in page.tags if tag == "option"][:11]
    assert "village" in layers and "zone" in layers
    for layer in layers:
        get(client, f"/table?layer={layer}&as_of=2020-06-01")


def test_villages_can_be_filtered_by_cover(client: FlaskClient) -> None:
    page = get(client, "/table?layer=village&cover_class=not_covered&county=410181&terrain=plain")
    assert "未划入" in page.text and "回郭镇" in page.text


def test_a_finding_tells_all(client: FlaskClient, city: Connection) -> None:
    found = list_findings(city, FindingFilter(rules=("COAL-03",)))[0]
    rule = catalogue.load().get("COAL-03")
    page = get(client, f"/findings/{found.key}")
    for text in (
        found.name,
        found.feature_id,
        rule.title,
        rule.legal[0].document,
        glossary.word("finding_event", "opened"),
        f"确定性：{glossary.word('certainty', 'breach')}",
        found.key,
    ):
        assert text in page.text
    assert any(attributes.get("class") == "folium-map" for _, attributes in page.tags)


def test_a_finding_of_another_day_is_a_report(client: FlaskClient, city: Connection) -> None:
    found = list_findings(city, FindingFilter(rules=("COAL-01",), certainties=("breach",)))[0]
    assert "推演结果" in get(client, f"/findings/{found.key}?as_of=2020-06-01").text
    get(client, f"/findings/{found.key}?as_of=2019-06-01", 404)


def test_every_rule_has_a_page(client: FlaskClient) -> None:
    for rule in catalogue.load().rules:
        text = get(client, f"/rules/{rule.id}").text
        assert rule.title in text and rule.legal[0].document in text and "SELECT" in text


def test_a_zone_shows_its_decree_and_its_lists(client: FlaskClient, city: Connection) -> None:
    zone = next(z for z in list_zones(city, kind="coal_free", county="410181") if z.units_out)
    text = get(client, f"/zones/{zone.zone_id}").text
    assert zone.document in text and "老井沟村" in text and "410181110201" in text


def test_the_first_page_is_small(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 60_000


def test_static_files_are_kept_for_a_year_by_their_content(client: FlaskClient) -> None:
    page = get(client, "/rules")
    sheet = next(attributes["href"] for tag, attributes in page.tags if attributes.get("rel") == "stylesheet")
    assert sheet and "?v=" in sheet
    answer = client.get(sheet, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"] and answer.headers["Content-Encoding"] == "gzip"
    assert client.get(sheet, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert "immutable" not in client.get("/static/css/page.css?v=old").headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/none.css", "/static/css"]
)
def test_only_our_static_files_are_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
