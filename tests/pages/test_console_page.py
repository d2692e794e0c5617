"""What the console's page tells it before it asks anything."""

import json
import re

from world import browser

from tickets.views import UPLOAD


def boot_of(page):
    return json.loads(re.search(r'<script id="boot" type="application/json">(.+?)</script>', page.text)[1])


def test_the_console_knows_what_may_be_sent(bruno, settings):
    settings.MEDIA_MAX_BYTES = 5_000
    boot = boot_of(browser(bruno).client.get("/t/acme/inbox/"))

    assert boot["max_chars"] == 4096
    assert boot["upload"] == {**UPLOAD, "max_bytes": 5_000}
    assert {"image/jpeg", "image/png"} <= set(boot["upload"]["images"])
    assert boot["ticket"] is None


def test_an_address_of_a_ticket_names_it(bruno, open_ticket):
    boot = boot_of(browser(bruno).client.get(f"/t/acme/inbox/{open_ticket.id}/"))

    assert boot["ticket"] == str(open_ticket.id)
