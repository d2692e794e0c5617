"""What gateways post to us: whom we believe, what we keep, how we answer."""

import json
import uuid

import pytest
from django.test import Client
from world import outside_any_tenant

from connections import mailbox, webhooks
from connections.drivers.cloud import signature
from connections.drivers.evolution import callback
from connections.models import Connection, Post
from connections.sessions import vault
from tenants.scope import working_for

KEYS = {"api_key": "the-global-key"}
CLOUD = {"access_token": "t", "app_secret": "app-secret", "verify_token": "my-verify-token"}
EVENT = {"event": "messages.upsert", "instance": "tenant_1", "data": {"key": {"id": "A"}}}


@pytest.fixture
def turned_to(acme, connection, settings):
    """Acme's number, linked through another driver with these secrets."""
    settings.DRIVERS = ["evolution", "cloud"]

    def turn(driver, secrets, of=connection):
        with working_for(of.tenant):
            Connection.objects.filter(id=of.id).update(driver=driver)
            if secrets:
                vault.keep_settings(of, secrets)
        of.driver = driver
        return of

    return turn


@pytest.fixture
def evolution(turned_to):
    return turned_to("evolution", KEYS)


@pytest.fixture
def cloud(turned_to):
    return turned_to("cloud", CLOUD)


def post(address, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with outside_any_tenant():
        return Client(enforce_csrf_checks=True).post(
            address, raw, content_type="application/json", headers=headers
        )


def get(address, **query):
    with outside_any_tenant():
        return Client().get(address, query)


def path_of(connection, secrets=KEYS):
    address = callback.address(connection.tenant_id, connection.id, secrets)
    return "/" + address.split("/", 3)[3]


def headers_of(connection, secrets=KEYS):
    return callback.headers(connection.tenant_id, connection.id, secrets)


def cloud_path(connection):
    return f"/gateways/cloud/{connection.id}/"


def signed(body, secret="app-secret"):
    return {signature.HEADER: signature.sign(secret, body)}


def kept():
    return list(Post.objects.order_by("id"))


# --- Evolution --------------------------------------------------------------------------------


def test_an_event_of_an_instance_is_kept_and_the_session_told(evolution, log):
    answer = post(path_of(evolution), EVENT, **headers_of(evolution))

    assert answer.status_code == 200
    (one,) = kept()
    assert (one.connection_id, one.body, one.read_at) == (evolution.id, EVENT, None)
    assert log.last("connection.gateway_posted") == {"connection_id": str(evolution.id)}


def test_what_is_posted_again_is_kept_once(evolution, log):
    for _ in range(3):
        assert post(path_of(evolution), EVENT, **headers_of(evolution)).status_code == 200

    assert len(kept()) == 1
    assert log.kinds() == ["connection.gateway_posted"]


def test_the_instances_token_is_not_kept(evolution):
    post(path_of(evolution), {**EVENT, "apikey": "token-in-clear"}, **headers_of(evolution))

    assert "token-in-clear" not in json.dumps(kept()[0].body)


@pytest.mark.parametrize("header", [{}, {callback.HEADER: "wrong"}, {callback.HEADER: "é"}])
def test_without_the_secret_in_the_header_there_is_no_such_address(evolution, header):
    assert post(path_of(evolution), EVENT, **header).status_code == 404
    assert kept() == []


def test_without_the_secret_in_the_path_there_is_no_such_address(evolution):
    for secret in ("wrong", "0" * 64):
        address = f"/gateways/evolution/{evolution.id}/{secret}/"
        assert post(address, EVENT, **headers_of(evolution)).status_code == 404
    assert kept() == []


def test_secrets_of_another_connection_open_nothing(evolution, rival, turned_to):
    with working_for(rival):
        theirs = Connection.objects.select_related("tenant").get()
    turned_to("evolution", KEYS, of=theirs)

    address = path_of(theirs).replace(str(theirs.id), str(evolution.id))
    assert post(address, EVENT, **headers_of(theirs)).status_code == 404
    assert post(path_of(theirs), EVENT, **headers_of(theirs)).status_code == 200
    assert kept() == [], "nothing of it is Acme's"


def test_a_new_api_key_changes_the_address(evolution):
    before = path_of(evolution)
    with working_for(evolution.tenant):
        vault.keep_settings(evolution, {"api_key": "another"})

    assert post(before, EVENT, **headers_of(evolution)).status_code == 404


def test_an_installation_key_that_is_phased_out_still_counts(evolution, settings):
    path, headers = path_of(evolution), headers_of(evolution)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-this-installation"

    assert post(path, EVENT, **headers).status_code == 200


def test_a_connection_without_an_api_key_takes_no_posts(turned_to):
    bare = turned_to("evolution", None)

    assert post(path_of(bare), EVENT, **headers_of(bare)).status_code == 404


def test_a_driver_that_is_not_offered_takes_no_posts(evolution, settings):
    settings.DRIVERS = ["simulator"]

    assert post(path_of(evolution), EVENT, **headers_of(evolution)).status_code == 404


def test_the_address_of_one_driver_is_not_anothers(cloud):
    with working_for(cloud.tenant):
        vault.keep_settings(cloud, KEYS)

    assert post(path_of(cloud), EVENT, **headers_of(cloud)).status_code == 404


def test_a_suspended_tenant_takes_no_posts(evolution):
    type(evolution.tenant).objects.filter(id=evolution.tenant_id).update(is_active=False)

    assert post(path_of(evolution), EVENT, **headers_of(evolution)).status_code == 404


def test_events_are_posted_and_nothing_else(evolution):
    assert get(path_of(evolution)).status_code == 405


# --- what is in a post ------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"text"', b"null", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_object_is_refused_for_good(evolution, body):
    answer = post(path_of(evolution), body, **headers_of(evolution))

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert kept() == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"event": "brand.new", "data": {"a\\u0000": "b\\u0000c"}}',
        b'{"event": "x", "data": "half \\ud83d character"}',
        b'{"event": "x", "data": [NaN, Infinity, 1e999, -1e999]}',
        b'{"event": "x", "data": 123456789012345678901234567890}',
        b"{}",
    ],
)
def test_whatever_can_be_read_is_kept(evolution, body):
    assert post(path_of(evolution), body, **headers_of(evolution)).status_code == 200
    assert len(kept()) == 1


def test_a_text_of_five_megabytes_is_kept(evolution):
    body = {**EVENT, "data": {"message": {"conversation": "x" * 5_000_000}}}

    assert post(path_of(evolution), body, **headers_of(evolution)).status_code == 200


def test_what_is_too_large_is_refused(evolution):
    answer = post(path_of(evolution), b" " * (webhooks.MAX_BYTES + 1), **headers_of(evolution))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(("levels", "status"), [(100, 200), (101, 400), (900, 400)])
def test_a_body_too_deep_to_be_walked_is_refused(evolution, levels, status):
    deep = b'{"a":' * levels + b"1" + b"}" * levels

    assert post(path_of(evolution), deep, **headers_of(evolution)).status_code == status


# --- Cloud API --------------------------------------------------------------------------------


def test_metas_handshake_is_answered(cloud):
    answer = get(
        cloud_path(cloud),
        **{"hub.mode": "subscribe", "hub.verify_token": "my-verify-token", "hub.challenge": "1158201444"},
    )

    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "subscribe", "hub.challenge": "1"},
        {"hub.mode": "subscribe", "hub.verify_token": "wrong", "hub.challenge": "1"},
        {"hub.mode": "other", "hub.verify_token": "my-verify-token", "hub.challenge": "1"},
    ],
)
def test_a_handshake_with_a_wrong_token_is_refused(cloud, query):
    answer = get(cloud_path(cloud), **query)

    assert answer.status_code == 403


def test_a_signed_webhook_is_kept(cloud):
    raw = b'{"object": "whatsapp_business_account",  "entry": []}'

    assert post(cloud_path(cloud), raw, **signed(raw)).status_code == 200
    assert kept()[0].body == json.loads(raw)


@pytest.mark.parametrize(
    "header",
    [{}, {signature.HEADER: ""}, {signature.HEADER: "sha256=00"}, {signature.HEADER: "é"}, signed(b"{}")],
)
def test_a_webhook_with_a_wrong_signature_is_refused(cloud, header):
    assert post(cloud_path(cloud), {"entry": []}, **header).status_code == 403
    assert kept() == []


def test_the_signature_covers_the_bytes_as_they_came(cloud):
    spaced, packed = b'{"entry": [] }', b'{"entry":[]}'

    assert post(cloud_path(cloud), packed, **signed(spaced)).status_code == 403


def test_another_connections_secret_signs_nothing_here(cloud):
    raw = b'{"entry":[]}'

    assert post(cloud_path(cloud), raw, **signed(raw, secret="of-another-app")).status_code == 403


@pytest.mark.parametrize("missing", ["app_secret", "verify_token"])
def test_without_secrets_the_address_does_not_exist(turned_to, missing):
    half = turned_to("cloud", {**CLOUD, missing: ""})
    raw = b'{"entry":[]}'

    assert post(cloud_path(half), raw, **signed(raw, secret="")).status_code == 404
    assert get(cloud_path(half), **{"hub.mode": "subscribe", "hub.verify_token": ""}).status_code == 404


def test_nobodys_connection_does_not_exist(cloud):
    raw = b'{"entry":[]}'

    assert post(f"/gateways/cloud/{uuid.uuid4()}/", raw, **signed(raw)).status_code == 404


# --- the mailbox ------------------------------------------------------------------------------


def test_posts_are_read_in_order_and_once(evolution):
    for number in range(5):
        mailbox.keep(evolution, str(number).encode(), {"number": number})

    first = mailbox.unread(evolution.id, [], 2)
    assert [one.body["number"] for one in first] == [0, 1]
    rest = mailbox.unread(evolution.id, [one.id for one in first], 10)
    assert [one.body["number"] for one in rest] == [2, 3, 4]
    mailbox.mark_read([one.id for one in (*first, *rest)])
    assert mailbox.unread(evolution.id, [], 10) == []
    assert mailbox.newest(evolution.id)[0] == rest[-1].id


def test_connections_with_posts_are_found_by_the_poll(evolution):
    assert mailbox.with_something_unread([evolution.id]) == set()
    mailbox.keep(evolution, b"1", {})

    assert mailbox.with_something_unread([evolution.id, uuid.uuid4()]) == {evolution.id}
