"""The part of a form that asks what a kind of driver wants to know."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.drivers.fields import Field, WrongSettings
from connections.upkeep import checked_settings, driver_of

DRIVERS_OWN = "driver_"


class DriverForm(forms.Form):
    """Fields `driver_<name>`, one for each the driver names; `ask` adds them."""

    driver = ""

    def ask(self, driver: str, kept: dict[str, str]) -> None:
        """`kept`: secrets that are there already, whose fields may stay empty."""
        self.driver, self.kept = driver, kept
        for field in driver_of(driver).fields:
            self.fields[DRIVERS_OWN + field.name] = _asked(field, is_kept=field.name in kept)

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        plain, secrets = self.drivers_own()
        try:
            checked_settings(self.driver, plain, {**self.kept, **secrets})
        except WrongSettings as wrong:
            for name, problems in wrong.fields.items():
                if DRIVERS_OWN + name not in self.errors:
                    self.add_error(DRIVERS_OWN + name, problems)
        return given

    def drivers_own(self) -> tuple[dict[str, str], dict[str, str]]:
        """(plain values, secrets) as given; a secret that was left empty is not among them."""
        plain, secrets = {}, {}
        for field in driver_of(self.driver).fields:
            value = self.cleaned_data.get(DRIVERS_OWN + field.name, "")
            if not field.is_secret:
                plain[field.name] = value
            elif value:
                secrets[field.name] = value
        return plain, secrets


def _asked(field: Field, *, is_kept: bool) -> forms.Field:
    secret = forms.PasswordInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=field.label,
        help_text=_("Kept, and never shown. Leave it empty to keep it.") if is_kept else field.help,
        required=field.is_required and not field.default and not is_kept,
        initial=field.default,
        widget=secret if field.is_secret else forms.TextInput(),
    )
