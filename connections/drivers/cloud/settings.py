"""What a Cloud API connection needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from connections.drivers.fields import Field, read


def _digits(value: str) -> str:
    if not value.isascii() or not value.isdigit():
        raise ValueError(_("This is a number without blanks, as Meta shows it."))
    return value


FIELDS = (
    Field(
        name="phone_number_id",
        label=_("Phone number ID"),
        help=_("In Meta's app, WhatsApp, API setup. It is not the phone number itself."),
        check=_digits,
    ),
    Field(
        name="business_account_id",
        label=_("WhatsApp Business account ID"),
        help=_("Beside the phone number ID."),
        check=_digits,
    ),
    Field(
        name="access_token",
        label=_("Access token"),
        help=_("Of a system user, with whatsapp_business_messaging and whatsapp_business_management."),
        is_secret=True,
    ),
    Field(
        name="app_secret",
        label=_("App secret"),
        help=_("In Meta's app, settings, basic. Everything Meta posts is signed with it."),
        is_secret=True,
    ),
    Field(
        name="verify_token",
        label=_("Verify token"),
        help=_("Any long text that nobody can guess; Meta says it when it calls us for the first time."),
        is_secret=True,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`access_token`, `app_secret` and `verify_token` are secrets."""

    phone_number_id: str
    business_account_id: str
    access_token: str
    app_secret: str
    verify_token: str

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """Raises WrongSettings, by field."""
        return cls(**read(FIELDS, given))
