"""Production starts only with secrets of its own, and passes Django's own checks for deployment."""

import base64
import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import environment

GOOD = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
    "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
}
PRODUCTION = {
    "BALCAO_ENV": "production",
    "SITE_URL": "https://desk.example.org",
    "TRUSTED_PROXY_COUNT": "1",
    "EMAIL_URL": "smtp://127.0.0.1:25",
    **GOOD,
}


def manage(*arguments, **changes):
    """Run a command in a process of its own, in production; None takes a variable away."""
    kept = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")}
    chosen = {**kept, **PRODUCTION, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in chosen.items() if value is not None},
        capture_output=True,
        text=True,
    )


def test_the_checks_for_deployment_are_clean():
    done = manage("check", "--deploy", "--fail-level", "WARNING", "--database", "default")

    assert done.returncode == 0, done.stderr


def test_a_command_does_not_start_without_a_secret():
    done = manage("check", SECRET_KEY=None)

    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


@pytest.fixture
def production(monkeypatch):
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("name", environment.SECRETS)
def test_good_secrets_are_accepted(name, production):
    assert environment.secret(name) == GOOD[name]


@pytest.mark.parametrize("name", environment.SECRETS)
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "short",
        "x" * 31,
        "change-me-" + "k3" * 20,
        "CHANGEME" + "k3" * 20,
        "django-insecure-" + "k3" * 20,
        "my-secret-key-" + "k3" * 20,
        "example-" + "k3" * 20,
        "a" * 60,
    ],
)
def test_missing_short_and_sample_secrets_are_refused(name, bad, production):
    production.setenv(name, bad)

    with pytest.raises(ImproperlyConfigured, match=name):
        environment.secret(name)


def test_at_home_a_secret_may_be_short_but_not_missing(production):
    production.setenv("BALCAO_ENV", "development")
    production.setenv("SECRET_KEY", "short")
    assert environment.secret("SECRET_KEY") == "short"

    production.delenv("SECRET_KEY")
    with pytest.raises(ImproperlyConfigured):
        environment.secret("SECRET_KEY")


def test_production_is_what_runs_when_nobody_says_otherwise(monkeypatch):
    monkeypatch.delenv("BALCAO_ENV")

    assert environment.is_production()


def test_an_unknown_mode_is_refused(monkeypatch):
    monkeypatch.setenv("BALCAO_ENV", "staging")

    with pytest.raises(ImproperlyConfigured, match="BALCAO_ENV"):
        environment.mode()


def test_a_secret_may_come_from_a_file(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    environment.read_files()

    assert os.environ["SECRET_KEY"] == "from-a-file"


def test_a_file_does_not_overrule_a_variable(tmp_path, monkeypatch):
    (tmp_path / "key").write_text("from-a-file")
    monkeypatch.setenv("SECRET_KEY", "from-the-environment")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))

    environment.read_files()

    assert os.environ["SECRET_KEY"] == "from-the-environment"


def test_only_known_secrets_are_read_from_files(tmp_path, monkeypatch):
    (tmp_path / "path").write_text("/evil")
    monkeypatch.setenv("PYTHONPATH_FILE", str(tmp_path / "path"))
    monkeypatch.delenv("PYTHONPATH", raising=False)

    environment.read_files()

    assert "PYTHONPATH" not in os.environ


@pytest.mark.parametrize(
    "chosen", [{"SIMULATOR_URL": "http://127.0.0.1:8010"}, {"DRIVERS": "simulator"}], ids=str
)
def test_the_pretend_network_is_refused_in_production(chosen, production):
    production.delenv("SIMULATOR_URL", raising=False)
    for name, value in chosen.items():
        production.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match="not for production"):
        environment.drivers()


def test_in_production_cookies_travel_over_https_only_and_nothing_is_shown_of_errors():
    script = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_NAME,"
        " s.SECURE_SSL_REDIRECT, s.DEBUG, s.DRIVERS)"
    )
    done = manage("shell", "-v", "0", "-c", script)

    assert done.stdout.split() == ["True", "True", "__Host-sessionid", "True", "False", "[]"], done.stderr
