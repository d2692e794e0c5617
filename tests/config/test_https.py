"""What browsers are told once they came by https: for how long, and for which other names."""

import base64
import json
import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings

SCRIPT = (
    "import json; from django.conf import settings as s; print(json.dumps([s.SECURE_HSTS_SECONDS > 0,"
    " s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD]))"
)


def told(**given):
    """In a process of its own: whether HSTS is sent, with subdomains, for preloading."""
    environment = {
        **{name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")},
        "SECRET_KEY": secrets.token_urlsafe(50),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "EMAIL_URL": "dummymail://",
        "SITE_URL": "https://desk.example.org",
        **given,
    }
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", SCRIPT]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, [True, True, False]),
        ({"HSTS_SUBDOMAINS": "false"}, [True, False, False]),
        ({"HSTS_PRELOAD": "true"}, [True, True, True]),
        ({"SITE_URL": "http://desk.example.org", "HSTS_PRELOAD": "true"}, [False, False, False]),
    ],
    ids=["by default", "this name only", "preloaded", "without https"],
)
def test_other_names_are_promised_only_where_the_operator_says_so(given, expected):
    assert told(**given) == expected
