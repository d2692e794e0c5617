"""Driving the running product from outside: programs through the API, phones through the simulator."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from bench.scanning import shown_code

COMPANY_NUMBER = "+5511990001000"


def until(holds: Callable[[], Any], *, seconds: float = 20.0, what: str = "it") -> Any:
    """Ask again and again until the answer is truthy; fail with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := holds()):
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds:.0f} s"
        time.sleep(0.05)
    return answer


class Program:
    """A program with a member's token, patient with a server that is being killed."""

    def __init__(self, url: str, email: str, password: str, tenant: str) -> None:
        self.who = {"email": email, "password": password, "tenant": tenant}
        self.http = httpx.Client(base_url=f"{url}/api/v1/", timeout=10)
        self.sign_in()

    def sign_in(self) -> None:
        answer = self.http.post("auth/token/", json=self.who)
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access']}"

    def call(self, verb: str, path: str, **kwargs: Any) -> Any:
        answer = self.http.request(verb, path, **kwargs)
        assert answer.status_code < 300, f"{verb} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def send_stubbornly(self, ticket_id: str, text: str, *, seconds: float = 60.0) -> dict[str, Any]:
        """Send under one Idempotency-Key until the server says that it has it."""
        key = str(uuid.uuid4())
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                answer = self.http.post(
                    f"tickets/{ticket_id}/messages/",
                    json={"text": text},
                    headers={"Idempotency-Key": key},
                )
            except httpx.TransportError:
                time.sleep(0.2)
                continue
            if answer.status_code < 300:
                return answer.json()
            assert answer.status_code >= 500, answer.text
            time.sleep(0.2)
        raise AssertionError(f"never accepted: {text}")


class Phones:
    """The phones of the pretend network."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/api/", timeout=10)

    def add(self, number: str, name: str) -> None:
        answer = self.http.post("phones", json={"number": number, "name": name})
        assert answer.status_code < 300, answer.text

    def scan(self, number: str, code: str) -> None:
        answer = self.http.post(f"phones/{number}/scan", json={"code": code})
        assert answer.status_code == 200, answer.text

    def write(self, number: str, text: str, *, to: str = COMPANY_NUMBER) -> str:
        answer = self.http.post(f"phones/{number}/messages", json={"to": to, "kind": "text", "text": text})
        assert answer.status_code < 300, answer.text
        return str(answer.json()["id"])

    def messages(self, number: str, *, other: str = COMPANY_NUMBER) -> list[dict[str, Any]]:
        """Everything in the chat, oldest first."""
        answer = self.http.get(f"phones/{number}/chats/{other}/messages", params={"limit": 1000})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["results"])


def link(
    url: str,
    cookie: str,
    tenant: str,
    admin: Program,
    phones: Phones,
    number: str,
    connection_id: str | None = None,
) -> str:
    """Start a connection (else the tenant's first one) and scan the QR code it shows; its id."""
    connection_id = connection_id or admin.call("GET", "connections/")["results"][0]["id"]

    def start() -> None:
        admin.call("PUT", f"connections/{connection_id}/run/")

    phones.scan(number, shown_code(url, cookie, tenant, connection_id, start=start))

    def is_connected() -> bool:
        return admin.call("GET", f"connections/{connection_id}/")["state"] == "connected"

    until(is_connected, what="the connection")
    return str(connection_id)


def session_cookie(url: str, email: str, password: str) -> str:
    """Sign in as a browser does; the cookies."""
    with httpx.Client(base_url=url) as browser:
        browser.get("/accounts/login/")
        browser.post(
            "/accounts/login/",
            data={
                "login": email,
                "password": password,
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            },
            headers={"Referer": url},
        )
        assert "sessionid" in browser.cookies, "sign-in failed"
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
