"""What drivers want to know of a connection, and what will not do."""

import pytest
from django.utils import translation

from connections.drivers.cloud.settings import FIELDS as CLOUD
from connections.drivers.cloud.settings import Settings as CloudSettings
from connections.drivers.evolution.settings import FIELDS as EVOLUTION
from connections.drivers.evolution.settings import Settings as EvolutionSettings
from connections.drivers.fields import WrongSettings, split
from connections.drivers.outside import check_url
from connections.drivers.registry import fields_of, notice_of
from connections.upkeep import checked_settings

GOOD = {
    "phone_number_id": "106540352242922",
    "business_account_id": 102290129340398,
    "access_token": " EAAJ ",
    "app_secret": "secret",
    "verify_token": "token",
}


def test_forms_can_be_made_from_the_fields(settings):
    settings.DRIVERS = ["evolution", "cloud", "simulator"]

    assert fields_of("evolution") == EVOLUTION
    assert fields_of("simulator") == ()
    assert {field.name for field in CLOUD if field.is_secret} == {
        "access_token",
        "app_secret",
        "verify_token",
    }
    assert {field.name for field in EVOLUTION if field.is_secret} == {"api_key"}
    assert all(str(field.label) for field in (*CLOUD, *EVOLUTION))


def test_the_licence_of_evolution_is_told_to_those_who_choose_it(settings):
    settings.DRIVERS = ["evolution", "cloud"]

    assert "Evolution API" in notice_of("evolution")
    assert notice_of("cloud") == ""


def test_secrets_are_kept_apart(settings):
    settings.DRIVERS = ["cloud"]
    plain, secrets = checked_settings("cloud", *split(fields_of("cloud"), GOOD))

    assert plain == {"phone_number_id": "106540352242922", "business_account_id": "102290129340398"}
    assert set(secrets) == {"access_token", "app_secret", "verify_token"}


def test_what_people_give_is_taken_without_blanks():
    parsed = CloudSettings.parse({**GOOD, "something": "else"})

    assert (parsed.access_token, parsed.business_account_id) == ("EAAJ", "102290129340398")


def test_every_field_that_will_not_do_is_named():
    with pytest.raises(WrongSettings) as wrong:
        CloudSettings.parse({**GOOD, "phone_number_id": "+55 11", "app_secret": "", "verify_token": "a\nb"})

    assert set(wrong.value.fields) == {"phone_number_id", "app_secret", "verify_token"}
    assert (wrong.value.code, wrong.value.status) == ("wrong_settings", 400)


@pytest.mark.parametrize("given", [None, [], {}, True, "x" * 3000])
def test_what_is_no_text_is_refused(given):
    with pytest.raises(WrongSettings):
        CloudSettings.parse({**GOOD, "access_token": given})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://evolution.example.com/", "https://evolution.example.com"),
        ("http://evolution:8080/api", "http://evolution:8080/api"),
    ],
)
def test_addresses_of_servers_are_taken(given, kept):
    assert EvolutionSettings.parse({"base_url": given, "api_key": "k"}).base_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x.example",
        "file:///etc/passwd",
        "//x.example",
        "x.example",
        "http://",
        "http://user@x.example",
        "http://user:pass@x.example",
        "http://x.example/?a=b",
        "http://x.example/#a",
        "http://x.example\\@y.example",
        "http://x.example:99999",
        "http://[::1",
    ],
)
def test_other_addresses_are_not(url):
    with pytest.raises(WrongSettings) as wrong:
        EvolutionSettings.parse({"base_url": url, "api_key": "k"})

    assert list(wrong.value.fields) == ["base_url"]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1",
        "http://10.0.0.8:8080",
        "http://169.254.169.254",
        "http://[::1]",
        "http://[::ffff:10.0.0.1]",
        "http://[fd00::1]",
        "http://0.0.0.0",
        "http://224.0.0.1",
    ],
)
def test_private_addresses_are_the_installations_decision(url, settings):
    settings.GATEWAY_PRIVATE_ADDRESSES = True
    assert check_url(url) == url
    settings.GATEWAY_PRIVATE_ADDRESSES = False
    with translation.override("en"), pytest.raises(ValueError, match="private"):
        check_url(url)
