"""The pages on which a company runs its numbers: the list, one of them, the steps of a new one."""

import json
import re

import pytest
from world import browser

from connections import actions, leases
from connections.choices import Driver
from connections.drivers.base import Can
from connections.drivers.fields import Field
from connections.drivers.simulator import SimulatorDriver
from connections.models import Connection, Transition
from connections.sessions import vault
from connections.templatetags.connection_words import REASONS
from connections.ways import ways

LIST = "/t/acme/connections/"
NEW = f"{LIST}new/"
FIELDS = (
    Field(name="base_url", label="Address of it"),
    Field(name="api_key", label="Key of it", is_secret=True),
)


@pytest.fixture
def asks(monkeypatch):
    monkeypatch.setattr(SimulatorDriver, "fields", FIELDS)


@pytest.fixture
def rested(line):
    actions.stop_connection(line.connection)
    actions.report_state(line.lease, "stopped", reason="asked_to_stop")
    leases.release(line.lease)
    return Connection.objects.get(id=line.connection.id)


def post(who, path, data):
    """As a form does; a missing token would be refused."""
    caller = browser(who)
    token = caller.client.cookies["csrftoken"].value
    return caller.client.post(path, {**data, "csrfmiddlewaretoken": token}, headers={"Accept-Language": "en"})


def get(who, path):
    return browser(who).client.get(path, headers={"Accept-Language": "en"})


def settings_of(connection, **more):
    given = {
        "name": connection.name,
        "sector": str(connection.sector_id),
        "alert_minutes": 5,
        "history_days": 0,
        "per_minute": 0,
    }
    return {**given, "burst": 10, "new_chats_per_day": 0, "warm_up_days": 0, **more}


# --- the list ---------------------------------------------------------------------------------


def test_the_list_knows_every_number_and_its_figures(ana, line):
    page = get(ana, LIST)
    boot = json.loads(re.search(r'<script id="boot" type="application/json">(.+?)</script>', page.text)[1])

    assert [row["name"] for row in boot["connections"]] == ["Acme main"]
    assert boot["figures"]["totals"]["connected"] == 1
    assert "Acme main" in re.sub(r"<script.*?</script>", "", page.text, flags=re.S)


@pytest.mark.parametrize("path", [LIST, NEW])
def test_a_stranger_gets_404(path, rui):
    assert get(rui, path).status_code == 404


@pytest.mark.parametrize("who", ["sofia", "bruno"])
@pytest.mark.parametrize("path", [LIST, NEW])
def test_a_lesser_role_gets_403(path, who, request):
    assert get(request.getfixturevalue(who), path).status_code == 403


def test_a_wrong_method_gets_405(ana, connection):
    assert post(ana, LIST, {}).status_code == 405
    assert get(ana, f"{LIST}{connection.id}/run/").status_code == 405


# --- one number -------------------------------------------------------------------------------


def test_the_page_of_a_number_tells_its_month_and_its_past_in_words(ana, line):
    for reason in REASONS:
        Transition.objects.create(
            connection=line.connection, from_state="starting", to_state="failed", reason=reason, epoch=1
        )
    page = get(ana, f"{LIST}{line.connection.id}/").text

    assert page.count("<rect class=") == 30
    for code, sentence in REASONS.items():
        assert str(sentence).replace("'", "&#x27;") in page, code
    assert not re.search(r"<td[^>]*>recycled_memory", page)


def test_settings_are_saved_without_scripts(ana, connection, support, log):
    given = settings_of(
        connection,
        name="Front desk",
        sector=str(support.id),
        per_minute=30,
        quiet_from="22:00",
        quiet_until="06:00",
    )
    answered = post(ana, f"{LIST}{connection.id}/", given)

    assert answered.status_code == 302
    connection.refresh_from_db()
    assert (connection.name, connection.sector.name) == ("Front desk", "Support")
    assert connection.pacing == {"per_minute": 30, "quiet_from": "22:00:00", "quiet_until": "06:00:00"}
    assert log.last("connection.state_changed")["connection"]["name"] == "Front desk"


def test_settings_that_will_not_do_are_told_at_their_field(ana, connection, asks):
    given = settings_of(connection, per_minute="fast", quiet_from="22:00", driver_base_url="")
    page = post(ana, f"{LIST}{connection.id}/", given)

    assert page.status_code == 200
    assert page.text.count('aria-invalid="true"') >= 4
    connection.refresh_from_db()
    assert connection.pacing == {}


def test_a_number_of_a_kind_no_longer_offered_can_be_looked_at_renamed_and_removed(ana, rested, settings):
    settings.DRIVERS = []
    assert get(ana, LIST).status_code == 200
    assert get(ana, f"{LIST}{rested.id}/linking/").status_code == 200
    assert browser(ana).get(f"connections/{rested.id}/settings/").json()["fields"] == []
    assert post(ana, f"{LIST}{rested.id}/", settings_of(rested, name="Renamed")).status_code == 302
    assert post(ana, f"{LIST}{rested.id}/removal/", {"name": "Renamed"}).headers["Location"] == LIST


def test_a_secret_is_kept_and_never_shown(ana, connection, asks):
    given = settings_of(connection, driver_base_url="https://e.example", driver_api_key="very-secret")
    post(ana, f"{LIST}{connection.id}/", given)
    page = get(ana, f"{LIST}{connection.id}/").text
    post(ana, f"{LIST}{connection.id}/", settings_of(connection, driver_base_url="https://f.example"))

    assert "very-secret" not in page
    assert "https://e.example" in page
    connection.refresh_from_db()
    assert connection.driver_settings == {"base_url": "https://f.example"}
    assert vault.settings_of(connection) == {"api_key": "very-secret"}


def test_the_form_leaves_alone_what_it_does_not_ask_for(ana, connection, monkeypatch):
    monkeypatch.setattr(SimulatorDriver, "tuned", dict)
    Connection.objects.filter(id=connection.id).update(driver_settings={"gate": ["Conn"]})
    post(ana, f"{LIST}{connection.id}/", settings_of(connection, name="Renamed"))

    connection.refresh_from_db()
    assert (connection.name, connection.driver_settings) == ("Renamed", {"gate": ["Conn"]})


def test_a_number_is_stopped_and_started_without_scripts(ana, line):
    path = f"{LIST}{line.connection.id}/run/"
    post(ana, path, {"do": "stop"})
    assert not Connection.objects.get(id=line.connection.id).should_run
    post(ana, path, {"do": "start"})
    assert Connection.objects.get(id=line.connection.id).should_run
    assert post(ana, path, {"do": "explode"}).status_code == 302


def test_a_number_is_removed_when_its_name_is_typed(ana, rested):
    path = f"{LIST}{rested.id}/removal/"
    post(ana, path, {"name": "Acme"})
    assert not Connection.objects.filter(id=rested.id, is_archived=True).exists()
    assert Connection.objects.filter(id=rested.id).exists()
    post(ana, path, {"name": "Acme main"})
    assert not Connection.objects.kept().filter(id=rested.id).exists()


def test_a_stopped_number_becomes_of_another_kind_on_its_page(ana, rested, asks, settings, monkeypatch):
    settings.DRIVERS = ["simulator", "evolution"]
    monkeypatch.setattr("connections.drivers.registry.DRIVERS", dict.fromkeys(Driver.values, SimulatorDriver))
    path = f"{LIST}{rested.id}/driver/?driver=evolution"
    assert "Key of it" in get(ana, path).text
    refused = post(ana, path, {"driver_base_url": "a", "driver_api_key": "k"})
    assert refused.status_code == 200  # nobody agreed
    post(ana, path, {"driver_base_url": "a", "driver_api_key": "k", "has_consent": "on"})

    rested.refresh_from_db()
    assert (rested.driver, rested.consented_by) == ("evolution", ana)
    assert get(ana, f"{LIST}{rested.id}/driver/?driver=nonsense").status_code == 302


# --- a new one --------------------------------------------------------------------------------


@pytest.fixture
def every_kind(settings, monkeypatch):
    class Reads(SimulatorDriver):
        can = frozenset({Can.QR, Can.PAIRING_CODE, Can.HISTORY})

    class Official(SimulatorDriver):
        can = frozenset()
        fields = FIELDS

    kinds = {"cloud": Official, "browser": Reads, "simulator": SimulatorDriver}
    settings.DRIVERS = list(kinds)
    monkeypatch.setattr("connections.drivers.registry.DRIVERS", kinds)


def test_ways_are_offered_from_the_quickest_to_the_official_one(every_kind):
    assert [way.name for way in ways()] == [
        "browser-qr",
        "simulator-qr",
        "browser-code",
        "simulator-code",
        "cloud-keys",
    ]


def test_the_first_step_tells_of_passkeys_before_the_official_way(ana, every_kind):
    page = get(ana, NEW).text
    order = [page.index(words) for words in ("browser-qr", "browser-code", "passkey", "cloud-keys")]

    assert order == sorted(order)


def test_a_number_is_made_agreed_to_and_started(ana, sales, every_kind, log):
    given = {
        "name": "Shop",
        "sector": str(sales.id),
        "alert_minutes": 3,
        "history_days": 7,
        "has_consent": "on",
    }
    answered = post(ana, f"{NEW}?way=browser-qr", given)
    made = Connection.objects.get(name="Shop")

    assert answered.headers["Location"] == f"{LIST}{made.id}/linking/"
    assert (made.driver, made.history_days, made.alert_minutes, made.should_run) == ("browser", 7, 3, True)
    assert (made.consented_by, made.consented_at is not None) == (ana, True)
    assert log.last("connection.consented")["by"]["name"] == "Ana"


def test_without_consent_nothing_is_made(ana, sales):
    given = {"name": "Shop", "sector": str(sales.id), "alert_minutes": 3, "history_days": 0}
    page = post(ana, f"{NEW}?way=simulator-qr", given)

    assert page.status_code == 200
    assert not Connection.objects.filter(name="Shop").exists()


def test_a_code_to_type_needs_the_number_of_the_phone(ana, sales, every_kind):
    given = {
        "name": "Shop",
        "sector": str(sales.id),
        "alert_minutes": 3,
        "history_days": 0,
        "has_consent": "on",
    }
    assert post(ana, f"{NEW}?way=browser-code", given).status_code == 200
    assert post(ana, f"{NEW}?way=browser-code", {**given, "pairing_phone": "12"}).status_code == 200
    post(ana, f"{NEW}?way=browser-code", {**given, "pairing_phone": "+55 11 98765-4321"})

    assert Connection.objects.get(name="Shop").pairing_phone == "+5511987654321"


def test_the_official_way_asks_for_keys_and_no_consent(ana, sales, every_kind):
    given = {"name": "Shop", "sector": str(sales.id), "alert_minutes": 3}
    page = post(ana, f"{NEW}?way=cloud-keys", given)
    assert "Key of it" in page.text and "has_consent" not in page.text
    post(ana, f"{NEW}?way=cloud-keys", {**given, "driver_base_url": "a", "driver_api_key": "k"})
    made = Connection.objects.get(name="Shop")

    assert (made.driver_settings, vault.settings_of(made)) == ({"base_url": "a"}, {"api_key": "k"})
    assert made.consented_at is None


def test_a_taken_name_is_told_and_leaves_nothing_behind(ana, connection, log):
    given = {
        "name": "Acme main",
        "sector": str(connection.sector_id),
        "alert_minutes": 3,
        "history_days": 0,
        "has_consent": "on",
    }
    page = post(ana, f"{NEW}?way=simulator-qr", given)

    assert "There is a connection with this name already." in page.text
    assert Connection.objects.count() == 1
    assert log.kinds() == []


def test_an_installation_without_kinds_says_so(ana, settings):
    settings.DRIVERS = []

    assert "offers no kind of connection" in get(ana, NEW).text
