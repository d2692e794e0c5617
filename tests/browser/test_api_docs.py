"""The API's documentation comes from here alone: what another site is asked for is a complaint."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from deploy.local.stack import Stack
from tests.browser.conftest import Person


@pytest.mark.parametrize("path", ["/api/v1/docs/", "/api/v1/docs/redoc/"])
def test_the_documentation_asks_no_other_site(
    stack: Stack, somebody: Callable[..., Person], path: str
) -> None:
    reader = somebody()
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.goto(path)

    expect(reader.page.get_by_text("Balcão API").first).to_be_visible()
    # The last part that is drawn: ReDoc's credit with its logo, Swagger's first operation.
    last = "API docs by Redocly" if "redoc" in path else "/api/v1/auth/token/"
    expect(reader.page.get_by_text(last).first).to_be_visible()
    reader.page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith((stack.url, "data:", "blob:"))] == []
    assert reader.page.locator("html").get_attribute("lang") == "en"
