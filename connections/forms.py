"""The form of a new connection."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from connections.drivers.registry import offered
from sectors.models import Sector


class ConnectionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    driver = forms.ChoiceField(label=_("Kind"))
    sector = forms.ModelChoiceField(label=_("Sector of new tickets"), queryset=Sector._base_manager.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sectors = Sector.objects.all()
        self.fields["sector"].queryset = sectors  # type: ignore[attr-defined]
        self.fields["sector"].initial = sectors.first()
        choices = offered()
        self.fields["driver"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["driver"].widget = forms.HiddenInput()
            self.fields["driver"].initial = choices[0][0]
