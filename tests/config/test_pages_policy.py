"""What every answer carries for safety: content-security policy, framing, referrer, cookies."""

import pytest
from world import PASSWORD, browser

DIRECTIVES = (
    "default-src 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
)


def policy(answer):
    return answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/nowhere/", "/t/acme/inbox/", "/t/acme/team/"])
def test_our_pages_run_only_our_own_scripts(address, ana):
    answer = browser(ana).get(address)

    for directive in DIRECTIVES:
        assert directive in policy(answer), address
    assert "unsafe-inline" not in policy(answer)
    assert "unsafe-eval" not in policy(answer)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_console_has_no_inline_script_without_a_nonce(ana):
    import re

    answer = browser(ana).get("/t/acme/inbox/")
    nonce = re.search(r"'nonce-([^']+)'", policy(answer))
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.content.decode())
    for attributes in scripts:
        is_data = 'type="application/json"' in attributes
        assert is_data or (nonce and nonce[1] in attributes), attributes


@pytest.mark.parametrize("address", ["/admin/login/", "/api/v1/docs/", "/api/v1/docs/redoc/"])
def test_the_guests_have_policies_of_their_own(address, client, db):
    answer = client.get(address, follow=True)

    assert "frame-ancestors 'none'" in policy(answer)
    assert "https:" not in policy(answer)


def test_the_session_cookie_is_out_of_reach_of_scripts(client, ana):
    client.post("/accounts/login/", {"login": ana.user.email, "password": PASSWORD})
    cookie = client.cookies["sessionid"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_the_api_answers_json_only(ana):
    answer = browser(ana).get("inbox/", Accept="text/html")

    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
def test_another_host_name_is_refused(host, client, db):
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_no_page_redirects_elsewhere(elsewhere, client, ana):
    client.force_login(ana.user, backend="django.contrib.auth.backends.ModelBackend")
    for answer in (
        client.post("/language/", {"language": "en", "next": elsewhere}),
        client.get("/accounts/login/", {"next": elsewhere}),
    ):
        assert "evil" not in answer.headers.get("Location", "")
        assert "javascript" not in answer.headers.get("Location", "")
