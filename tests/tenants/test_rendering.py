"""JSON out: one form for times, and room for everything the product puts into it."""

from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

import orjson
import pytest
from django.utils.translation import gettext_lazy

from tenants.rendering import OrjsonRenderer, dumps, timestamp


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), "2026-01-02T03:04:05.678Z"),
        (None, None),
    ],
)
def test_times_are_utc_with_milliseconds_and_z(moment, told):
    assert timestamp(moment) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (gettext_lazy("Open"), None),
        (Decimal("1.50"), "1.50"),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (("a", 1), ["a", 1]),
        ({1: "number as key"}, {"1": "number as key"}),
        ("olá 👋 \u2028 </script>", "olá 👋 \u2028 </script>"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
    ],
    ids=str,
)
def test_values_of_every_kind_get_through(value, told):
    back = orjson.loads(dumps({"value": value}))["value"]

    assert back == (told if told is not None else str(value))


def test_an_empty_answer_has_no_body():
    assert OrjsonRenderer().render(None) == b""
    assert OrjsonRenderer().render({}) == b"{}"
