"""Secrets of a checkout: made once, kept for its owner only, never defaulted."""

import base64
import re

import environ

from deploy.local.environment import (
    everything_new,
    local_secrets,
    production_environment,
    read_environment_file,
    stack_environment,
)


def test_secrets_are_made_once(folder):
    file = folder / "var" / "local.env"
    first = local_secrets(file)
    assert local_secrets(file) == first == read_environment_file(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_came_later_is_added(folder):
    file = folder / "local.env"
    file.write_text("SECRET_KEY=kept\n")
    values = local_secrets(file)
    assert values["SECRET_KEY"] == "kept"
    assert read_environment_file(file) == values
    assert set(values) == set(everything_new())


def test_no_two_checkouts_share_a_secret():
    one, other = everything_new(), everything_new()
    assert not set(one.values()) & set(other.values())


def test_field_keys_are_a_name_and_32_bytes():
    name, _, key = everything_new()["FIELD_KEYS"].partition(":")
    assert name == "k1"
    assert len(base64.b64decode(key)) == 32


def test_the_demo_s_password_can_be_read_out_and_typed():
    assert re.fullmatch(r"[a-z]+-[a-z]+-[a-z]+-\d{4}", everything_new()["DEMO_PASSWORD"])


def test_mails_of_a_stack_go_to_a_file_in_its_folder(folder):
    made = stack_environment(
        folder=folder,
        ports={"web": 8000, "simulator": 8010},
        database_url="d",
        redis_url="r",
        secret_values={"SECRET_KEY": "s", "DATABASE_PASSWORD": "p"},
    )
    assert environ.Env.email_url_config(made["EMAIL_URL"])["EMAIL_FILE_PATH"] == str(folder / "mail")
    assert made["SITE_URL"] == "http://127.0.0.1:8000"
    assert made["SIMULATOR_URL"] == "http://127.0.0.1:8010"
    assert "DATABASE_PASSWORD" not in made


def test_production_has_https_and_no_simulator():
    made = production_environment("d", "r")
    assert made["SITE_URL"].startswith("https://")
    assert made["SIMULATOR_URL"] == ""
