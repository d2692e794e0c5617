"""Forms of the team and sector pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import InviteForm as BaseInviteForm
from accounts.models import Membership
from sectors.models import COLORS, Sector


class SectorForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    color = forms.ChoiceField(label=_("Color"), choices=[(color, color) for color in COLORS], required=False)
    members = forms.ModelMultipleChoiceField(
        label=_("Who works here"),
        queryset=Membership._base_manager.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.active().select_related("user").order_by("user__name")
        self.fields["members"].queryset = members  # type: ignore[attr-defined]

    def change(self) -> dict[str, Any]:
        """What the form asks for, as the actions take it."""
        data = self.cleaned_data
        members = [member.id for member in data["members"]]
        return {"name": data["name"], "color": data["color"] or None, "members": members}


class InviteForm(BaseInviteForm):
    sectors = forms.ModelMultipleChoiceField(
        label=_("Sectors"),
        queryset=Sector._base_manager.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sectors"].queryset = Sector.objects.all()  # type: ignore[attr-defined]
