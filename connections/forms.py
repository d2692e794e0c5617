"""Forms of connections: a new one, its settings, another kind, its end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.choices import HISTORY_DAYS
from connections.driver_form import DRIVERS_OWN, DriverForm
from connections.drivers.base import Can
from connections.drivers.fields import WrongSettings
from connections.models import Connection
from connections.pacing import CAREFUL, USUAL, Pacing
from connections.sessions import vault
from connections.upkeep import Change, checked_pacing, checked_phone, driver_of
from connections.ways import WITHOUT_CONSENT, Way
from sectors.models import Sector

PACING = ("per_minute", "burst", "new_chats_per_day", "warm_up_days")
QUIET = ("quiet_from", "quiet_until")
LONGEST_ALERT = 1440
CONSENT = _("I have read this, and I link this number with the agreement of whoever answers for it.")


class Basics(DriverForm):
    """What every connection has, and what its kind of driver asks for."""

    name = forms.CharField(label=_("Name"), max_length=60)
    sector = forms.ModelChoiceField(label=_("Sector of new tickets"), queryset=Sector._base_manager.none())
    history_days = forms.TypedChoiceField(
        label=_("History to bring in when the phone is linked"), choices=HISTORY_DAYS, coerce=int, initial=0
    )
    alert_minutes = forms.IntegerField(
        label=_("Minutes without connection until you are alerted"),
        help_text=_("In the product and by e-mail. 0: never."),
        min_value=0,
        max_value=LONGEST_ALERT,
        initial=5,
    )
    pairing_phone = forms.CharField(
        label=_("Number of the phone that types the code"),
        help_text=_("With country and area code: +55 11 98765-4321. Empty: link by QR code."),
        max_length=30,
        required=False,
    )

    def ask(self, driver: str, kept: dict[str, str]) -> None:
        super().ask(driver, kept)
        sectors = Sector.objects.all()
        self.fields["sector"].queryset = sectors  # type: ignore[attr-defined]
        self.fields["sector"].initial = sectors.first()
        can = driver_of(driver).can
        if Can.HISTORY not in can:
            del self.fields["history_days"]
        if Can.PAIRING_CODE not in can:
            del self.fields["pairing_phone"]

    def clean_pairing_phone(self) -> str:
        try:
            return checked_phone(self.cleaned_data["pairing_phone"])
        except WrongSettings as wrong:
            raise forms.ValidationError(wrong.fields["pairing_phone"]) from wrong


class NewConnectionForm(Basics):
    """The second step of linking: everything that is to be known before a code is shown."""

    has_consent = forms.BooleanField(label=CONSENT)

    def __init__(self, *args: Any, way: Way, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(way.driver, {})
        if way.by == "code":
            self.fields["pairing_phone"].required = True
        else:
            self.fields.pop("pairing_phone", None)
        if not way.needs_consent:
            del self.fields["has_consent"]

    def change(self) -> Change:
        """All but name and sector, which a connection is made with."""
        given, (plain, secrets) = self.cleaned_data, self.drivers_own()
        return Change(
            history_days=given.get("history_days"),
            alert_minutes=given["alert_minutes"],
            pairing_phone=given.get("pairing_phone"),
            driver_settings=plain,
            secrets=secrets,
        )


class SettingsForm(Basics):
    """Everything about a connection that people set."""

    per_minute = forms.IntegerField(label=_("Messages a minute at most"), min_value=0, max_value=100_000)
    burst = forms.IntegerField(label=_("At once after a pause"), min_value=1, max_value=100_000)
    new_chats_per_day = forms.IntegerField(
        label=_("New chats a day at most"), help_text=_("0: no limit."), min_value=0, max_value=100_000
    )
    warm_up_days = forms.IntegerField(
        label=_("Days of a quarter of that pace after linking"), min_value=0, max_value=365
    )
    quiet_from = forms.TimeField(
        label=_("Nothing automatic from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=_("until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        self.usual = USUAL.get(connection.driver, CAREFUL)
        super().__init__(*args, **{"initial": _initial(connection, self.usual), **kwargs})
        self.ask(connection.driver, vault.settings_of(connection))

    def clean(self) -> None:
        super().clean()
        if bool(self.cleaned_data.get("quiet_from")) != bool(self.cleaned_data.get("quiet_until")):
            self.add_error("quiet_until", _("Give both times, or neither."))

    def change(self) -> Change:
        given, (plain, secrets) = self.cleaned_data, self.drivers_own()
        return Change(
            name=given["name"],
            sector=given["sector"],
            history_days=given.get("history_days"),
            alert_minutes=given["alert_minutes"],
            pacing=self._pacing(),
            pairing_phone=given.get("pairing_phone"),
            driver_settings=plain,
            secrets=secrets,
        )

    def _pacing(self) -> dict[str, Any]:
        """Where it differs from the usual: what is usual follows when that changes."""
        given = {name: self.cleaned_data[name] for name in PACING}
        given |= {name: at.isoformat() for name in QUIET if (at := self.cleaned_data.get(name))}
        usual = self.usual.stored()
        return checked_pacing(
            self.driver, {name: value for name, value in given.items() if usual.get(name) != value}
        )


def _initial(connection: Connection, usual: Pacing) -> dict[str, Any]:
    pacing = Pacing.parse(connection.pacing, usual)
    own = {DRIVERS_OWN + name: value for name, value in connection.driver_settings.items()}
    return {
        **{name: getattr(pacing, name) for name in (*PACING, *QUIET)},
        **own,
        "name": connection.name,
        "sector": connection.sector_id,
        "history_days": connection.history_days,
        "alert_minutes": connection.alert_minutes,
        "pairing_phone": connection.pairing_phone,
    }


class RemovalForm(forms.Form):
    name = forms.CharField(max_length=60)


class SwitchForm(DriverForm):
    """What another kind of link asks for."""

    has_consent = forms.BooleanField(label=CONSENT)

    def __init__(self, *args: Any, driver: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(driver, {})
        if driver in WITHOUT_CONSENT:
            del self.fields["has_consent"]
