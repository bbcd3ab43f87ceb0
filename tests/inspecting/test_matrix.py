"""Ways between places: by the straight line, by a service over the roads, and what happens when that fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pyproj import Geod

from gridmap.domain.tour import Place
from gridmap.errors import UserError
from gridmap.inspecting.matrix import CROW_FLY, FALLBACK, SERVICE, CrowFly, MatrixError, TableService, city_ways

PLACES = [Place(113.0, 34.75), Place(113.1, 34.75), Place(113.1, 34.8)]


class Service(HTTPServer):
    """A server that speaks the table service: it answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: object = {
            "code": "Ok",
            "distances": [[0, 9500.5, 15000], [9600, 0, 6000], [15100, 6100, 0]],
            "durations": [[0, 700.4, 1000], [710, 0, 400], [1010, 410, 0]],
        }
        self.asked: list[str] = []
        self.status = 200
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Service)
        self.server.asked.append(self.path)
        body = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("GRIDMAP_MATRIX_URL", f"http://127.0.0.1:{server.server_port}/")
        yield server
        server.shutdown()
        thread.join()


def test_the_straight_line_is_the_geodesic_times_the_detour() -> None:
    found = CrowFly(speed_kmh=36, detour_factor=1.5).ways(PLACES)
    exact = Geod(ellps="GRS80").inv(113.0, 34.75, 113.1, 34.75)[2]
    assert found.metres[0][1] == found.metres[1][0] == pytest.approx(1.5 * exact, abs=0.01)
    assert found.seconds[0][1] == round(1.5 * exact / 10)
    assert found.metres[2][2] == 0 and found.source == CROW_FLY


def test_a_service_is_asked_in_one_request_and_taken_at_its_word(service: Service) -> None:
    found = city_ways(PLACES, 30)
    assert service.asked == [
        "/table/v1/driving/113.000000,34.750000;113.100000,34.750000;113.100000,34.800000?annotations=duration,distance"
    ]
    assert (found.source, found.metres[0][1], found.seconds[0][1], found.seconds[1][0]) == (SERVICE, 9500.5, 700, 710)


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "NoTable"},
        {"code": "Ok"},
        {"code": "Ok", "distances": [[0]], "durations": [[0]]},
        {"code": "Ok", "distances": [[0, None, 1], [1, 0, 1], [1, 1, 0]], "durations": [[0, 1, 1]] * 3},
        {"code": "Ok", "distances": [[0, -5, 1], [1, 0, 1], [1, 1, 0]], "durations": [[0, 1, 1]] * 3},
        {"code": "Ok", "distances": [[0, 1e12, 1], [1, 0, 1], [1, 1, 0]], "durations": [[0, 1, 1]] * 3},
        ["Ok"],
        "Ok",
    ],
)
def test_an_answer_that_cannot_be_used_is_replaced_by_straight_lines(service: Service, answer: object) -> None:
    service.answer = answer
    found = city_ways(PLACES, 30)
    assert (found.source, found.metres) == (FALLBACK, CrowFly(30).ways(PLACES).metres)


def test_a_service_that_refuses_or_is_away_is_replaced_by_straight_lines(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status = 500
    assert city_ways(PLACES, 30).source == FALLBACK
    monkeypatch.setenv("GRIDMAP_MATRIX_URL", "http://127.0.0.1:1")
    assert city_ways(PLACES, 30).source == FALLBACK
    with pytest.raises(MatrixError):
        TableService("http://127.0.0.1:1").ways(PLACES)


@pytest.mark.parametrize(
    ("name", "value"),
    [("GRIDMAP_MATRIX_URL", "file:///etc/passwd"), ("GRIDMAP_DETOUR_FACTOR", "nan"), ("GRIDMAP_DETOUR_FACTOR", "0.5")],
)
def test_a_setting_that_cannot_be_is_told(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=name):
        city_ways(PLACES, 30)
