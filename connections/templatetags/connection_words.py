"""Connections for people: words for the codes of states and reasons, and phone numbers as they are read."""

from __future__ import annotations

import re

from django import template
from django.utils.translation import gettext_lazy as _

from connections.choices import State

register = template.Library()

REASONS = {
    "asked_to_start": _("At the request of somebody of the team."),
    "asked_to_stop": _("Stopped by somebody of the team."),
    "asked_to_log_out": _("Logged out by somebody of the team."),
    "qr_exhausted": _("The code was not scanned in time. Get a new one when you have the phone at hand."),
    "unlinked_on_phone": _("The device was unlinked on the phone."),
    "replaced": _("The number was opened elsewhere. Trying to come back."),
    "connection_lost": _("The line to WhatsApp went down. Trying to come back."),
    "gateway_unreachable": _("WhatsApp is out of reach. Trying again."),
    "start_timed_out": _("WhatsApp took too long to answer. Trying again."),
    "no_answer": _("WhatsApp did not answer. Trying again."),
    "crashed": _("Something failed on our side. Coming back by itself."),
    "credentials_lost": _("The stored link could not be read. Connect again."),
    "logging_out": _("Logging out of WhatsApp."),
    "log_out_unconfirmed": _(
        "Logged out here, but WhatsApp did not confirm it. See the linked devices on the phone."
    ),
    "no_host": _("The service that keeps this number connected has stopped. Waiting for it to come back."),
    "wrong_settings": _("Something in its settings is missing or wrong."),
    "address_not_allowed": _("This installation does not call that address."),
    "token_rejected": _("The gateway does not accept the key or token any more. Give it a new one."),
    "permission_denied": _("The token may not do this. Give it the rights it needs at Meta."),
    "not_registered": _("The number is not registered with Meta."),
    "instance_gone": _("The gateway does not know this number any more. Connect again."),
    "not_connected": _("The gateway is there, but its line to WhatsApp is down."),
    "gateway_error": _("The gateway answered with an error. Trying again."),
    "rate_limited": _("WhatsApp asks for a slower pace. Trying again."),
    "link_refused": _("WhatsApp does not accept this device."),
    "banned": _("WhatsApp has banned this number."),
    "webhook_not_set": _(
        "Meta does not send us what customers write. Is this address reachable from the internet?"
    ),
    "driver_not_offered": _("This installation no longer offers this kind of connection."),
}

TONES = {
    State.CONNECTED: "good",
    State.STARTING: "busy",
    State.SCAN_QR: "busy",
    State.PAIRING_CODE: "busy",
    State.SYNCING: "busy",
    State.PASSKEY_REQUIRED: "warn",
    State.RECONNECTING: "warn",
    State.LOGGED_OUT: "bad",
    State.FAILED: "bad",
    State.BANNED: "bad",
}


@register.filter
def reason_words(code: str) -> str:
    """A sentence for a reason; a code that is new to us is shown as it is, better than nothing."""
    return str(REASONS.get(code, code))


@register.filter
def state_word(state: str) -> str:
    return str(State(state).label) if state in State else state


@register.filter
def state_tone(state: str) -> str:
    """good, busy, warn, bad or rest: the colours of the connection cards."""
    return TONES.get(State(state), "rest") if state in State else "rest"


@register.filter
def phone_number(e164: str | None) -> str:
    """ "As Brazilians write it: +5511987654321 is +55 (11) 98765-4321. Others stay as they are."""
    brazil = re.fullmatch(r"\+55(\d{2})(\d{4,5})(\d{4})", e164 or "")
    return "+55 ({}) {}-{}".format(*brazil.groups()) if brazil else e164 or ""
