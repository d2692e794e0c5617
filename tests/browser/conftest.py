"""The running product, and people with browsers in front of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.local.stack import Stack
from tests.product import Phones, until

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE_MS = 15_000  # other checks run beside these
expect.set_options(timeout=PATIENCE_MS)
# A browser reports every socket that could not be opened; what the page makes of it is tested.
IGNORED_CONSOLE = re.compile(r"WebSocket connection to .* failed")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = os.environ.get("CHROMIUM_PATH")
    chosen = {"executable_path": path} if path else {}
    return {**browser_type_launch_args, "args": QUIET, **chosen}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("product")) as running:
        running.manage("seed_demo")
        yield running


@pytest.fixture(scope="session")
def phones(stack: Stack) -> Phones:
    return Phones(stack.simulator_url)


class Person:
    """Somebody with a browser of their own. What the page complains of is a failure."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        # A refused request is logged by the browser itself; the page must handle it, and tests see how.
        is_refusal = "Failed to load resource" in message.text
        if message.type == "error" and not is_refusal and not IGNORED_CONSOLE.search(message.text):
            self.complaints.append(message.text)

    def goto(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, email: str, password: str) -> None:
        self.goto("/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/inbox/**")


@pytest.fixture
def somebody(browser: Browser, stack: Stack) -> Iterator[Callable[..., Person]]:
    """Make a person: `somebody(color_scheme="dark")`. Their pages must not have complained."""
    people: list[Person] = []

    def arrive(**options: Any) -> Person:
        settings = {"locale": "pt-BR", "viewport": {"width": 1400, "height": 860}, **options}
        person = Person(browser.new_context(**settings), stack.url)
        people.append(person)
        return person

    yield arrive
    complaints = [complaint for person in people for complaint in person.complaints]
    for person in people:
        person.context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def mail_to(stack: Stack) -> Callable[[str], str]:
    """The text of the newest e-mail to an address, once it has come."""
    folder = Path(stack.folder) / "mail"

    def newest(address: str) -> str | None:
        found = []
        for file in sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime):
            for raw in file.read_text().split("\n" + "-" * 79 + "\n"):
                mail = message_from_string(raw.strip(), policy=default)
                if mail["To"] and address in mail["To"]:
                    found.append(mail.get_content())
        return found[-1] if found else None

    def wait(address: str) -> str:
        return str(until(lambda: newest(address), what=f"mail to {address}"))

    return wait


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+", text)
    assert found is not None, text
    return found[0]
