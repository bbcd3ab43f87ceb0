"""Ledgers as they are sent to the page of imports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gridmap.coordinates import convert, get_system
from gridmap.db.session import Connection, connect, transaction
from gridmap.store import import_jobs

HEADER = ("编号", "企业名称", "行业", "县（市、区）", "经度", "纬度")


def text(rows: Sequence[Sequence[object]], header: Sequence[str] = HEADER, title: str | None = None) -> bytes:
    """Return a CSV in GB18030, below a line with its title when one is given."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([*([[title]] if title else []), header, *rows])
    return out.getvalue().encode("gb18030")


def messy(conn: Connection) -> bytes:
    """Return a ledger of the demo city's enterprises as one is brought: positions of a phone, some none, faults, new."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT site_id, name, public.ST_X(geom), public.ST_Y(geom) FROM gridmap.site "
            "WHERE kind = 'enterprise' AND county_code = '410181' ORDER BY site_id LIMIT 20"
        )
        sites = cursor.fetchall()
    lon, lat = convert(
        get_system("cgcs2000"), get_system("gcj02"), [site[2] for site in sites], [site[3] for site in sites]
    )
    rows: list[list[object]] = [
        [site[0], site[1], "铸造", "巩义市", f"{x:.6f}", f"{y:.6f}"] for site, x, y in zip(sites, lon, lat, strict=True)
    ]
    rows += [["新-1", "新厂", "铸造", "巩义市", "", ""], ["新-2", "远厂", "铸造", "巩义市", "210.5", "x"]]
    return text(rows, title="工业企业台账")


def zones_of(conn: Connection, county: str) -> bytes:
    """Return a GeoJSON of a county's zones as an institute brings them: one larger, one new with a sliver, one faulty."""
    with transaction(conn) as cursor:
        cursor.execute(
            "SELECT name, kind, ST_AsGeoJSON(ST_Multi(ST_Buffer(boundary, 0.005))) AS outline, "
            "ST_X(ST_PointOnSurface(boundary)) AS lon, ST_Y(ST_PointOnSurface(boundary)) AS lat FROM gridmap.zone "
            "WHERE county_code = %s AND status = 'published' AND boundary IS NOT NULL AND kind = 'coal_free' "
            "ORDER BY zone_id DESC LIMIT 1",
            [county],
        )
        own = cursor.fetchone()
    x, y = own.lon, own.lat
    ring = [[x, y], [x + 0.02, y], [x + 0.02, y + 0.008], [x + 0.05, y + 0.00805], [x + 0.02, y + 0.0081]]
    ring += [[x + 0.02, y + 0.02], [x, y + 0.02], [x, y]]
    bow = [[x, y], [x + 0.01, y + 0.01], [x + 0.01, y], [x, y + 0.01], [x, y]]
    features = [
        ({"名称": own.name, "类别": "禁煤区", "文号": "演示〔2020〕9号"}, json.loads(own.outline)),
        ({"名称": "演示新片区", "类别": "禁燃区", "类": "二类"}, {"type": "Polygon", "coordinates": [ring]}),
        ({"名称": "自相交片区", "类别": "禁煤区"}, {"type": "Polygon", "coordinates": [bow]}),
    ]
    found = [{"type": "Feature", "properties": more, "geometry": shape} for more, shape in features]
    return json.dumps({"type": "FeatureCollection", "features": found}).encode()


def send_zones(client: FlaskClient, content: bytes, name: str = "分区方案.geojson") -> str:
    """Send a file of zones and return the address of what it would become."""
    answer = client.post(
        "/drafts/import", data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def send(client: FlaskClient, content: bytes, name: str = "台账.csv", **more: str) -> str:
    """Send a ledger of enterprises and return the address of what it would change."""
    answer = post(client, content, name, **more)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def post(client: FlaskClient, content: bytes, name: str = "台账.csv", **more: str) -> TestResponse:
    """Send a ledger, of enterprises when nothing else is said."""
    data = {"what": "site/enterprise", **more, "file": (io.BytesIO(content), name)}
    return client.post("/data/import", data=data, content_type="multipart/form-data")


def note_batch(conn: Connection, county: str) -> int:
    """Note a batch that changed nothing, to be looked at; whoever asks for it removes it."""
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.import_batch (layer_id, kind, file_name, sha256, sheet, crs, on_day, mapping, counts, "
            "column_names, county_codes, actor) VALUES ('site', 'enterprise', '台账.csv', repeat('0', 64), '台账', 'gcj02', "
            "'2020-10-15', '{}', '{\"read\": 3, \"new\": 2, \"moved\": 1}', '{}', ARRAY[%s], 'test') RETURNING batch_id",
            [county],
        )
        return int(cursor.fetchone()[0])


def pretend_to_work(url: str, token: str) -> Connection:
    """Have a bureau's file be written for as long as the connection is open that is returned."""
    conn = connect(url)
    with transaction(conn) as cursor:
        cursor.execute(
            "INSERT INTO gridmap.import_job (token, account_id, file_name, task, shown, state, step, done, total, "
            "started_at) SELECT %s, a.account_id, '台账.csv', 'write', 'x', 'running', 'writing', 4000, 9000, "
            "gridmap.instant() - interval '20 s' FROM gridmap.account AS a WHERE a.name LIKE 'test-bureau-%%' "
            "ORDER BY a.account_id LIMIT 1 RETURNING job_id",
            [token],
        )
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [import_jobs.LOCK, cursor.fetchone()[0]])
    return conn
