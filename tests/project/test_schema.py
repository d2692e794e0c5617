"""The API's schema: complete, without a warning, and true to what the API answers."""

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from routes import all_routes
from world import answer, browser, deliver


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_schema_generates_without_a_warning(tmp_path):
    GENERATOR_STATS.reset()

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_the_schema_is_served_to_people_and_programs(client, db):
    answer = client.get("/api/v1/schema/?format=json")

    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Balcão API"


@pytest.mark.parametrize("address", ["/api/v1/docs/", "/api/v1/docs/redoc/"])
def test_the_documentation_loads_nothing_from_elsewhere(address, client, db):
    html = client.get(address).content.decode()

    assert "/static/drf_spectacular_sidecar/" in html
    assert "https://" not in html


def test_every_route_of_the_api_is_in_the_schema(schema):
    told = set(schema["paths"])
    own = {"/" + route.path.replace("<uuid:", "{").replace(">", "}") for route in all_routes()}
    own = {path for path in own if path.startswith("/api/v1/")}

    assert own - told == {"/api/v1/schema/", "/api/v1/docs/", "/api/v1/docs/redoc/"}


def test_both_ways_in_are_told(schema):
    assert {scheme["type"] for scheme in schema["components"]["securitySchemes"].values()} == {
        "http",
        "apiKey",
    }
    assert "security" not in schema["paths"]["/api/v1/auth/token/"]["post"]
    assert schema["paths"]["/api/v1/inbox/"]["get"]["security"]


def differences(value, told, schema, where="answer"):
    """Where a value is not what its schema says."""
    if "$ref" in told:
        told = schema["components"]["schemas"][told["$ref"].rsplit("/", 1)[-1]]
    for either in ("allOf", "oneOf"):
        if either in told:
            results = [list(differences(value, one, schema, where)) for one in told[either]]
            if value is None and told.get("nullable"):
                return
            yield from min(results, key=len)
            return
    if value is None:
        if not told.get("nullable") and told.get("enum") != [None]:
            yield f"{where} is null"
    elif told.get("type") == "object" and "properties" in told:
        if set(value) != set(told["properties"]):
            yield f"{where} has other fields: {set(value) ^ set(told['properties'])}"
        for name in set(value) & set(told["properties"]):
            yield from differences(value[name], told["properties"][name], schema, f"{where}.{name}")
    elif told.get("type") == "array":
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for item in value:
            yield from differences(item, told["items"], schema, f"{where}[]")
    elif "enum" in told and value not in told["enum"]:
        yield f"{where} is {value!r}"
    elif not isinstance(value, TYPES.get(told.get("type"), object)):
        yield f"{where} is {value!r}, no {told['type']}"


TYPES = {"string": str, "integer": int, "boolean": bool, "number": (int, float), "object": dict}


def test_the_answers_are_what_the_schema_says(
    schema, ana, bruno, line, maria, open_ticket, connection, sales
):
    """Every GET of the API, with something to show."""
    asked = maria.writes("And when will it arrive?", quoted_id=None)
    deliver(line, answer(open_ticket, "Tomorrow", by=bruno, quoted=asked))
    maria.sends_file(name="map.png", mime="image/png", arrives=b"x")
    ids = {
        "ticket_id": open_ticket.id,
        "contact_id": open_ticket.contact_id,
        "connection_id": connection.id,
        "sector_id": sales.id,
    }
    caller = browser(ana)
    checked = 0
    for path, operations in schema["paths"].items():
        if "get" not in operations:
            continue
        told = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        query = "?status=in_service" if path.endswith("/tickets/") and "{" not in path else ""
        answered = caller.get(path.format(**ids) + query)

        assert answered.status_code == 200, path
        assert list(differences(answered.json(), told, schema)) == [], path
        checked += 1
    assert checked >= 12
