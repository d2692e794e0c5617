"""What a driver wants to know of a connection, told so that a form can be made from it.

A driver's `Settings.parse` takes what people gave (its secrets among the rest) and raises WrongSettings
with a sentence for each field that will not do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from tenants.errors import DomainError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MAX_LENGTH = 2000


class WrongSettings(DomainError):
    """`fields`: {name of a field: [what is wrong with it]}."""

    code = "wrong_settings"
    status = 400
    message = _("Please check the fields.")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing to know. `check` turns what was given into what is kept; raises ValueError with a sentence
    for people. Secrets are kept sealed and never shown again."""

    name: str
    label: StrOrPromise
    help: StrOrPromise = ""
    is_secret: bool = False
    is_required: bool = True
    default: str = ""
    check: Callable[[str], str] | None = None


def read(fields: Iterable[Field], given: Mapping[str, Any]) -> dict[str, str]:
    """The value of every field, checked. Raises WrongSettings; what nobody asked for is left out."""
    values: dict[str, str] = {}
    wrong: dict[str, list[str]] = {}
    for field in fields:
        try:
            values[field.name] = _value(field, given.get(field.name))
        except ValueError as refused:
            wrong[field.name] = [str(refused)]
    if wrong:
        raise WrongSettings(None, **wrong)
    return values


def split(fields: Iterable[Field], values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(`Connection.driver_settings`, what `vault.keep_settings` seals) of checked values."""
    secret = {field.name for field in fields if field.is_secret}
    plain = {name: value for name, value in values.items() if name not in secret}
    return plain, {name: value for name, value in values.items() if name in secret}


def _value(field: Field, given: Any) -> str:
    if not isinstance(given, str | int | None) or isinstance(given, bool):
        raise ValueError(_("This is not a text."))
    value = str(given or "").strip() or field.default
    if not value and field.is_required:
        raise ValueError(_("This field is needed."))
    if len(value) > MAX_LENGTH or any(not character.isprintable() for character in value):
        raise ValueError(_("This is too long, or holds characters that cannot be typed."))
    return field.check(value) if value and field.check else value
