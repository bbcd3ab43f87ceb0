"""The OpenAPI document says what the API does."""

import re

from gridmap import layers


def test_every_route_is_described(app, client):
    document = client.get("/api/openapi.json").get_json(force=True)
    described = {re.sub(r"{\w+}", "{}", path) for path in document["paths"]}
    for rule in app.url_map.iter_rules():
        address = str(rule)
        if not address.startswith("/api/") or address in ("/api/openapi.json", "/api/<path:rest>"):
            continue
        if address.endswith("/tiles"):
            continue  # the list of tilesets, which has one entry
        for layer in layers.load() if "<layer_id>" in address else [None]:
            mine = address.replace("<layer_id>", layer.id if layer else "")
            if layer and not layer.has_tiles and "tiles" in mine:
                continue
            assert re.sub(r"<[^>]+>", "{}", mine) in described, mine


def test_every_filter_and_code_is_described(client):
    document = client.get("/api/openapi.json?lang=en").get_json(force=True)
    assert document["openapi"].startswith("3.1")
    for layer in layers.load():
        items = document["paths"][f"/api/collections/{layer.id}/items"]["get"]
        names = [parameter["name"] for parameter in items["parameters"]]
        assert len(names) == len(set(names))
        assert {column.name for column in layer.filters} <= set(names)
        schema = document["components"]["schemas"][layer.id]["properties"]
        for column in layer.columns:
            if column.codes:
                assert schema[column.name]["enum"] == [*column.codes, None]


def test_what_is_described_is_accepted(client):
    document = client.get("/api/openapi.json").get_json(force=True)
    examples = {"string": "410181", "integer": "1", "number": "1", "boolean": "true"}
    for path, item in document["paths"].items():
        if "{" in path or path.endswith("/export") or path in (
            "/api/zones/at", "/api/zones/diff", "/api/near", "/api/findings", "/api/legend", "/api/faces", "/api/pieces",
            "/api/places",
        ):  # fmt: skip
            continue
        for parameter in item["get"]["parameters"]:
            schema = parameter["schema"].get("items", parameter["schema"])
            value = schema.get("enum", [None])[0] or examples[schema["type"]]
            if schema.get("format") == "date" or parameter["name"].endswith("_on"):
                value = "2020-10-15"
            if parameter["name"] == "bbox":
                value = "113,34,114,35"
            if parameter["name"] in ("version", "zone_id", "covered_pct", "cell_key"):
                value = "1"
            response = client.get(path, query_string={parameter["name"]: value})
            assert response.status_code == 200, (path, parameter["name"], response.get_data(as_text=True)[:200])
