"""Every route, walked by Ana, owner of Acme, with the real ids of Rival: nothing shows, nothing moves."""

import hashlib
import json
import uuid
from io import BytesIO

import pytest
from django.db import connection
from django.utils.encoding import iri_to_uri
from drf_spectacular.generators import SchemaGenerator
from routes import VERBS, all_routes
from world import CANARY, browser, program

from accounts.models import Invitation, Membership
from connections.models import Connection, LinkInvitation
from sectors.models import Sector
from tenants import rls
from tenants.scope import working_for
from tickets.models import Contact, Media, Message, Ticket

# Parameter of an address, or field of a body → whose ids it takes. A name that is missing here fails.
MODEL_OF = {
    "ticket_id": Ticket,
    "message_id": Message,
    "quoted_id": Message,
    "contact_id": Contact,
    "connection_id": Connection,
    "ids": Connection,
    "link_id": LinkInvitation,
    "sector_id": Sector,
    "media_id": Media,
    "member_id": Membership,
    "members": Membership,
    "invitation_id": Invitation,
}
# Open to whoever has the key: nobody's id is in them. Their own tests try foreign and spent keys.
BY_KEY = {
    "invitation",
    "link",
    "account_confirm_email",
    "account_reset_password_from_key",
    "gateway_evolution",  # tests/connections/test_webhooks.py
}
# Pages that load nothing on the server: what they show comes through the API, as swept here.
SHELLS = {"inbox_ticket"}

ROUTES = [route for route in all_routes() if not route.path.startswith("admin/")]
WITH_IDS = [route for route in ROUTES if set(route.parameters) - {"slug"} and route.name not in BY_KEY]
OF_TENANTS = [route for route in ROUTES if route.path.startswith("t/")]
OF_ADMIN = [route for route in all_routes() if route.path.startswith("admin/")]
API = [
    route
    for route in ROUTES
    if route.path.startswith("api/v1/") and not route.path.startswith(("api/v1/auth/", "api/v1/schema/"))
    and "docs/" not in route.path
]  # fmt: skip


@pytest.fixture
def rivals_ids(rival):
    """One real id of Rival for each kind of thing."""
    with working_for(rival):
        found = {name: model.objects.order_by("id").first().id for name, model in MODEL_OF.items()}
        # Of a real file and a failed send, so that only the tenant stands between Ana and them.
        found["media_id"] = Message.objects.exclude(media=None).get().media_id
        found["message_id"] = Message.objects.filter(direction="out").get().id
    return found


@pytest.fixture
def rivals_rows(rival):
    """A checksum of everything Rival has, to be asked again."""

    def checksum():
        sums = [
            f"select md5(string_agg(t::text, '|' order by t::text)) from {model._meta.db_table} t"
            for model in rls.tenant_owned_models()
        ]
        with working_for(rival), connection.cursor() as cursor:
            cursor.execute(
                " union all ".join([*sums, "select t::text from tenants_tenant t where id = %s"]), [rival.id]
            )
            return [hashlib.sha256(str(row).encode()).hexdigest() for row in cursor.fetchall()]

    return checksum


def shown(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode(errors="replace") + str(dict(answer.headers))


def test_the_sweep_knows_every_parameter():
    """A new route whose id nobody mapped is not swept: add it to MODEL_OF, or say why it is open."""
    known = set(MODEL_OF) | {"slug"}
    unknown = {route.path: set(route.parameters) - known for route in ROUTES if route.name not in BY_KEY}

    assert not {path: names for path, names in unknown.items() if names}
    assert {route.name for route in ROUTES} >= BY_KEY | SHELLS


def test_the_sweep_is_not_empty():
    assert len(WITH_IDS) >= 20
    assert len(OF_ADMIN) >= 50


@pytest.mark.parametrize("route", WITH_IDS, ids=str)
def test_ids_of_another_tenant_are_absent(route, ana, rivals_ids, rivals_rows):
    before = rivals_rows()
    caller = browser(ana)
    address = route.address(slug="acme", **rivals_ids)
    for verb in VERBS:
        answer = caller.call(verb, address, None if verb in ("GET", "HEAD") else {})

        expected = {200, 405} if route.name in SHELLS else {404, 405}
        assert answer.status_code in expected, f"{verb} {address}"
        assert CANARY not in shown(answer), f"{verb} {address}"
    assert rivals_rows() == before


@pytest.mark.parametrize("route", [r for r in WITH_IDS if r.path.startswith("api/")], ids=str)
def test_a_program_cannot_tell_a_foreign_id_from_an_invented_one(route, ana, rivals_ids, rivals_rows):
    before = rivals_rows()
    caller = program(ana)
    invented = dict.fromkeys(MODEL_OF, uuid.uuid4())
    for verb in VERBS:
        foreign = caller.call(verb, route.address(**rivals_ids))
        nobodys = caller.call(verb, route.address(**invented))

        assert foreign.status_code in {404, 405}
        assert (foreign.status_code, foreign.content) == (nobodys.status_code, nobodys.content)
    assert rivals_rows() == before


@pytest.mark.parametrize("route", OF_TENANTS, ids=str)
def test_pages_of_another_tenant_are_absent(route, ana, rivals_ids, rivals_rows):
    before = rivals_rows()
    caller = browser(ana)
    for verb in ("GET", "POST"):
        answer = caller.call(verb, route.address(slug="rival", **rivals_ids))

        assert answer.status_code == 404, verb
        assert CANARY not in shown(answer)
    assert rivals_rows() == before


@pytest.mark.parametrize("route", API, ids=str)
def test_naming_another_tenant_in_the_header_opens_nothing(route, ana, rivals_ids, rivals_rows):
    before = rivals_rows()
    caller = browser(ana, tenant="rival")
    for verb in ("GET", "POST"):
        answer = caller.call(verb, route.address(**rivals_ids))

        assert answer.status_code == 404, verb
        assert CANARY not in shown(answer)
    assert rivals_rows() == before


@pytest.mark.parametrize("route", API, ids=str)
def test_a_program_cannot_choose_its_tenant(route, ana, rivals_ids, rivals_rows):
    """The token says for whom it is; a header that says otherwise changes nothing."""
    before = rivals_rows()
    answer = program(ana).get(route.address(**rivals_ids), **{"X-Tenant": "rival"})

    assert CANARY not in shown(answer)
    assert answer.status_code in {200, 404, 405}
    assert rivals_rows() == before


def test_the_owner_of_a_tenant_does_not_enter_the_operators_admin(ana, rivals_ids):
    caller = browser(ana)
    for route in OF_ADMIN:
        values = dict.fromkeys(route.parameters, rivals_ids["ticket_id"]) | {
            "app_label": "tickets",
            "url": "x",
        }
        answer = caller.get(route.address(**values))

        assert answer.status_code in {302, 403, 404} or route.name in ("login", "jsi18n", "logout"), route
        assert CANARY not in shown(answer)


# --- ids inside bodies ------------------------------------------------------------------------


def bodies():
    """(verb, path, schema of the body) of every operation that takes one."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    for path, operations in schema["paths"].items():
        for verb, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            for media in list(content.values())[:1]:
                name = media["schema"]["$ref"].rsplit("/", 1)[-1]
                yield verb.upper(), path, schema["components"]["schemas"][name]


def ids_of(body):
    """Names of the fields that take ids, and whether each takes a list of them."""
    for name, field in body["properties"].items():
        item = field.get("items", field)
        if item.get("format") == "uuid":
            yield name, "items" in field


def sample(name, field):
    """Something acceptable for a field that holds no id."""
    if "enum" in field or "$ref" in str(field):
        return {"driver": "simulator"}.get(name)
    return {"color": "#2f6f5e"}.get(name, "Something new") if field.get("type") == "string" else None


FOREIGN_FIELDS = [
    pytest.param(verb, path, body, name, is_list, id=f"{verb} {path} {name}")
    for verb, path, body in bodies()
    for name, is_list in ids_of(body)
]


def test_the_schema_names_the_bodies_that_take_ids():
    named = {(parameter.values[0], parameter.values[3]) for parameter in FOREIGN_FIELDS}

    assert {
        ("POST", "sector_id"),
        ("PATCH", "members"),
        ("POST", "quoted_id"),
        ("POST", "member_id"),
    } <= named


@pytest.mark.parametrize(("verb", "path", "body", "name", "is_list"), FOREIGN_FIELDS)
def test_ids_of_another_tenant_in_a_body_are_refused(
    verb, path, body, name, is_list, ana, open_ticket, sales, connection, rivals_ids, rivals_rows
):
    before = rivals_rows()
    ours = {"ticket_id": open_ticket.id, "sector_id": sales.id, "connection_id": connection.id}
    for key, value in ours.items():
        path = path.replace(f"{{{key}}}", str(value))
    given = {key: sample(key, field) for key, field in body["properties"].items()}
    given |= {key: str(ours[key]) for key, _list in ids_of(body) if key in ours and key != name}
    foreign = str(rivals_ids[name])
    given = {key: value for key, value in given.items() if value is not None}
    given[name] = [foreign] if is_list else foreign

    answer = browser(ana).call(verb, path, given)

    assert answer.status_code in {400, 404}, answer.content
    assert CANARY not in shown(answer)
    assert rivals_rows() == before


def test_bodies_cannot_name_the_tenant_or_other_fields_of_a_row(ana, sales, rival, rivals_rows):
    """Mass assignment: fields a body has no business with are not even looked at."""
    before = rivals_rows()
    answer = browser(ana).post(
        "connections/",
        {
            "name": "Second",
            "driver": "simulator",
            "sector_id": str(sales.id),
            "tenant": str(rival.id),
            "tenant_id": str(rival.id),
            "state": "connected",
            "should_run": True,
            "lease_owner": "me",
        },
    )

    made = Connection.objects.get(id=answer.json()["id"])
    assert (made.tenant_id, made.state, made.should_run, made.lease_owner) == (
        ana.tenant_id,
        "created",
        False,
        "",
    )
    assert rivals_rows() == before


def test_forms_do_not_offer_rows_of_another_tenant(ana, rivals_ids):
    from connections.forms import NewConnectionForm
    from connections.ways import Way
    from sectors.forms import InviteForm, SectorForm

    assert "members" in SectorForm({"name": "New", "members": [rivals_ids["member_id"]]}).errors
    assert (
        "sectors"
        in InviteForm({"email": "x@y.zz", "role": "agent", "sectors": [rivals_ids["sector_id"]]}).errors
    )
    way = Way("simulator", "qr")
    assert "sector" in NewConnectionForm({"name": "N", "sector": rivals_ids["sector_id"]}, way=way).errors


# --- searching and counting -------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["tickets/?search={}", "tickets/?status=closed&search={}", "contacts/?search={}"]
)
@pytest.mark.parametrize("wanted", [CANARY, "5511966666666", "%", "_", "1"])
def test_searching_finds_nothing_of_another_tenant(address, wanted, ana, waiting_ticket):
    answer = browser(ana).get(iri_to_uri(address.format(wanted)))

    assert answer.status_code == 200
    assert CANARY not in answer.content.decode()


def test_counters_do_not_count_another_tenants_tickets(ana):
    assert browser(ana).get("tickets/counters/").json() == {"waiting": 0, "in_service": 0, "closed": 0}


# --- nobody at all ----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_pages_send_strangers_to_the_sign_in(verb, client, db, rivals_ids):
    for route in OF_TENANTS:
        for slug in ("acme", "no-such-tenant"):
            address = route.address(slug=slug, **rivals_ids)
            answer = client.generic(verb, address)

            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/accounts/login/?next=/t/")


@pytest.mark.parametrize("verb", VERBS)
def test_the_api_answers_strangers_with_401(verb, client, db, rivals_ids):
    for route in API:
        answer = client.generic(verb, route.address(**rivals_ids), headers={"X-Tenant": "rival"})

        assert answer.status_code == 401, route
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert verb == "HEAD" or json.loads(answer.content)["code"] == "not_signed_in"


def test_a_signed_in_stranger_without_any_tenant_gets_nowhere(db, client, django_user_model, rivals_ids):
    nobody = django_user_model.objects.create_user("nobody@nowhere.example", "long-enough-1", name="Nobody")
    client.force_login(nobody, backend="django.contrib.auth.backends.ModelBackend")
    for route in (*OF_TENANTS, *API):
        answer = client.get(route.address(slug="acme", **rivals_ids), headers={"X-Tenant": "acme"})

        assert answer.status_code == 404, route


def test_a_file_for_another_tenants_ticket_is_not_even_read(ana, rivals_ids, rivals_rows):
    before = rivals_rows()
    file = BytesIO(b"hello")
    file.name = "hello.txt"

    assert (
        browser(ana).post(f"tickets/{rivals_ids['ticket_id']}/messages/", {"file": file}).status_code == 404
    )
    assert rivals_rows() == before
