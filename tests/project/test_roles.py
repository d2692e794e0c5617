"""Who may do what through the API: every route and verb, for every role, as one table."""

import uuid

import pytest
from django.db import transaction
from django.utils import timezone
from routes import all_routes
from world import Caller, answer, browser, fail

from connections.models import LinkInvitation

OK, NEW, NO, GONE, TAKEN, WHO = 200, 201, 403, 404, 409, 401

# Bruno serves {open}; {waiting} waits in Sales, his sector; Carla works in Support and sees neither.
# The columns: owner, admin, supervisor, the ticket's own agent, an agent elsewhere, nobody.
TABLE = """
GET    inbox/                              200 200 200 200 200 401
GET    tickets/                            200 200 200 200 200 401
GET    tickets/counters/                   200 200 200 200 200 401
GET    tickets/{open}/                     200 200 200 200 404 401
GET    tickets/{waiting}/                  200 200 200 200 404 401
GET    tickets/{open}/messages/            200 200 200 200 404 401
POST   tickets/{open}/messages/            409 409 409 201 404 401
POST   messages/{failed}/attempt/          409 409 409 200 404 401
POST   tickets/{waiting}/assignment/       200 200 200 200 404 401
POST   tickets/{open}/assignment/          409 409 409 200 404 401
DELETE tickets/{open}/assignment/          200 200 200 200 404 401
POST   tickets/{open}/transfer/            200 200 200 200 404 401
POST   tickets/{open}/closure/             200 200 200 200 404 401
DELETE tickets/{closed}/closure/           200 200 200 200 404 401
POST   tickets/{open}/read-mark/           200 200 200 200 404 401
GET    contacts/                           200 200 200 200 200 401
GET    contacts/{contact}/                 200 200 200 200 404 401
GET    contacts/{contact}/tickets/         200 200 200 200 404 401
GET    connections/                        200 200 200 200 200 401
POST   connections/                        201 201 403 403 403 401
GET    connections/{connection}/           200 200 200 200 200 401
PATCH  connections/{connection}/           200 200 403 403 403 401
PUT    connections/{connection}/run/       200 200 403 403 403 401
DELETE connections/{connection}/run/       200 200 403 403 403 401
DELETE connections/{connection}/link/      200 200 403 403 403 401
DELETE connections/{connection}/           409 409 403 403 403 401
GET    connections/{connection}/transitions/ 200 200 403 403 403 401
GET    connections/{connection}/uptime/    200 200 403 403 403 401
GET    connections/{connection}/settings/  200 200 403 403 403 401
POST   connections/{connection}/screenshot/ 409 409 403 403 403 401
PUT    connections/{connection}/driver/    409 409 403 403 403 401
GET    connections/{connection}/links/     200 200 403 403 403 401
POST   connections/{connection}/links/     409 409 403 403 403 401
DELETE connections/{connection}/links/{link}/ 204 204 403 403 403 401
GET    connections/figures/                200 200 403 403 403 401
PUT    connections/order/                  200 200 403 403 403 401
POST   connections/restore/                200 200 403 403 403 401
GET    sectors/                            200 200 200 200 200 401
POST   sectors/                            201 201 403 403 403 401
GET    sectors/{sector}/                   200 200 200 200 200 401
PATCH  sectors/{sector}/                   200 200 403 403 403 401
GET    members/                            200 200 200 200 200 401
"""
ROWS = [
    (verb, path, [int(code) for code in codes])
    for verb, path, *codes in map(str.split, TABLE.split("\n")[1:-1])
]
VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def props(line, maria, joao, bruno, open_ticket, sales, connection):
    """What stands in the table's braces."""
    from tickets.actions import close_ticket, take_ticket

    waiting = joao.writes("Anybody there?").ticket
    paula = type(joao)("Paula", "+5531911112222", line)
    closed = close_ticket(take_ticket(paula.writes("Thanks").ticket, by=bruno), by=bruno)
    failed = fail(line, answer(open_ticket, by=bruno))
    return {
        "open": open_ticket.id,
        "waiting": waiting.id,
        "closed": closed.id,
        "failed": failed.id,
        "contact": open_ticket.contact_id,
        "connection": connection.id,
        "sector": sales.id,
        "link": LinkInvitation.objects.create(
            connection=connection, made_by=bruno, token_hash="x", expires_at=timezone.now()
        ).id,
    }


def body(verb, path, props):
    if (verb, path) == ("DELETE", "connections/{connection}/"):
        return {"name": "Acme main"}
    if verb not in ("POST", "PATCH", "PUT"):
        return None
    return {
        "tickets/{open}/messages/": {"text": "Hello"},
        "tickets/{open}/transfer/": {"sector_id": str(props["sector"])},
        "connections/": {"name": "Another", "driver": "simulator", "sector_id": str(props["sector"])},
        "connections/{connection}/": {"name": "Renamed"},
        "connections/{connection}/driver/": {"driver": "simulator"},
        "connections/order/": {"ids": [str(props["connection"])]},
        "sectors/": {"name": "Another"},
        "sectors/{sector}/": {"name": "Renamed"},
    }.get(path, {})


@pytest.mark.parametrize(("verb", "path", "expected"), ROWS, ids=[f"{verb} {path}" for verb, path, _ in ROWS])
def test_the_table_of_roles(verb, path, expected, props, ana, dora, sofia, bruno, carla):
    callers = [*map(browser, (ana, dora, sofia, bruno, carla)), Caller()]
    given = []
    for caller in callers:
        with transaction.atomic():  # each of them finds things as they were
            answered = caller.call(verb, path.format(**props), body(verb, path, props))
            given.append(answered.status_code)
            transaction.set_rollback(True)

    assert given == expected


def test_the_table_is_complete():
    """A route that is missing here has no row that says who may call it."""
    names = {"ticket_id": "open", "message_id": "failed", "contact_id": "contact"}
    names |= {"connection_id": "connection", "sector_id": "sector", "link_id": "link"}
    told = {path.replace("{waiting}", "{open}").replace("{closed}", "{open}") for _verb, path, _codes in ROWS}
    own = {
        route.address(**{name: f"{{{short}}}" for name, short in names.items()}).removeprefix("/api/v1/")
        for route in all_routes()
        if route.path.startswith("api/v1/") and not route.path.startswith(("api/v1/auth", "api/v1/schema"))
    }

    assert {path for path in own if not path.startswith("docs/")} == told


def test_other_verbs_are_not_allowed(props, ana):
    allowed = {}
    for verb, path, _codes in ROWS:
        path = path.replace("{waiting}", "{open}").replace("{closed}", "{open}")
        allowed.setdefault(path, set()).add(verb)
    caller = browser(ana)
    for path, verbs in allowed.items():
        for verb in VERBS - verbs:
            answered = caller.call(verb, path.format(**props), {} if verb != "GET" else None)

            assert answered.status_code == 405, f"{verb} {path}"
            assert answered.json()["code"] == "method_not_allowed"
            assert set(answered.headers["Allow"].split(", ")) >= verbs - {"GET"}


@pytest.mark.parametrize("who", ["sofia", "bruno", "carla"])
def test_reasons_of_a_connection_are_for_those_who_manage_it(who, request, connection, line):
    from connections.actions import report_state

    report_state(line.lease, "reconnecting", reason="connection_lost", detail="the line broke")
    for path in ("connections/", f"connections/{connection.id}/", "inbox/"):
        seen = browser(request.getfixturevalue(who)).get(path).content.decode()

        assert "connection_lost" not in seen
        assert "the line broke" not in seen
        assert "reconnecting" in seen


def test_a_deactivated_member_is_out_at_once(bruno):
    from accounts.actions import set_active

    caller = browser(bruno)
    assert caller.get("inbox/").status_code == 200
    set_active(bruno, is_active=False)

    assert caller.get("inbox/").status_code == 404
    assert caller.get("/t/acme/inbox/").status_code == 404


def test_writes_of_a_session_need_the_csrf_token(bruno, waiting_ticket):
    caller = browser(bruno)
    path = f"tickets/{waiting_ticket.id}/assignment/"
    for wrong in ("", "d" * 32):
        refused = caller.post(path, **{"X-CSRFToken": wrong})

        assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    waiting_ticket.refresh_from_db()
    assert waiting_ticket.status == "waiting"


def test_a_write_from_another_site_is_refused(bruno, waiting_ticket):
    answered = browser(bruno).post(
        f"tickets/{waiting_ticket.id}/assignment/", Origin="https://evil.example", **{"X-Forwarded-Host": "x"}
    )

    assert (answered.status_code, answered.json()["code"]) == (403, "csrf")


def test_a_browser_must_name_the_tenant(bruno):
    answered = browser(bruno).get("inbox/", **{"X-Tenant": ""})

    assert (answered.status_code, answered.json()["code"]) == (400, "tenant_missing")


def test_programs_need_no_csrf_token_and_are_marked_as_programs(bruno, open_ticket):
    from world import program

    answered = program(bruno).post(
        f"tickets/{open_ticket.id}/messages/",
        {"text": "From a program"},
        **{"Idempotency-Key": str(uuid.uuid4())},
    )

    assert answered.status_code == 201
    assert answered.json()["origin"] == "api"
