"""What an Evolution API connection needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from connections.drivers.fields import Field, read
from connections.drivers.outside import check_url

# Its licence asks that administrators are told (docs/evolution.md).
NOTICE = _(
    "This kind of connection uses Evolution API, which stands under the Apache License 2.0 with conditions."
)
FIELDS = (
    Field(
        name="base_url",
        label=_("Address of the server"),
        help=_("Where Evolution API v2 answers, such as https://evolution.example.com"),
        check=check_url,
    ),
    Field(
        name="api_key",
        label=_("Global API key"),
        help=_("AUTHENTICATION_API_KEY of the server. It makes the instance, and never leaves this server."),
        is_secret=True,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`api_key` is a secret."""

    base_url: str
    api_key: str

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """Raises WrongSettings, by field."""
        return cls(**read(FIELDS, given))
