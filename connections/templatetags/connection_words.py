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
    "permission_denied": _("The token may not do this. Give it the rights it needs at Meta."),
    "not_registered": _("The number is not registered with Meta."),
    "webhook_not_set": _(
        "Meta does not send us what customers write. Is this address reachable from the internet?"
    ),
    "driver_not_offered": _("This installation no longer offers this kind of connection."),
    "account_locked": _("WhatsApp has locked this account. Open WhatsApp on the phone and see what it says."),
    "storage_full": _("The browser had no room left for this number. Connect again."),
    "tos_block": _("WhatsApp has blocked this number for breaking its terms."),
    "proxy_block": _("WhatsApp refuses the network this server is in."),
    "temporarily_banned": _("WhatsApp has banned this number for a while. See on the phone for how long."),
    # of the drivers and watches
    "passkey_timed_out": _("The passkey was not confirmed in time."),
    "pairing_code_expired": _(
        "The code was not typed in time. Get a new one when you have the phone at hand."
    ),
    "pairing_expired": _("The code was not typed in time. Start again when you have the phone at hand."),
    "pairing_refused": _(
        "WhatsApp did not give a code for this number. Check the number, or scan a QR code."
    ),
    "link_refused": _("WhatsApp refused to link this phone. See on the phone what it says."),
    "sync_timed_out": _("Bringing in the messages took too long. Trying again."),
    "recycled_probe_failed": _("The link no longer answered and was built anew."),
    "recycled_memory": _("The link used too much memory and was built anew."),
    "recycled_silent": _("Nothing had come in for an unusually long time, so the link was built anew."),
    "probe_failed": _("Connected, but WhatsApp does not answer our checks."),
    "silent": _("Connected, but nothing has come in for an unusually long time."),
    "memory": _("Connected, but the link uses too much memory."),
    "offline": _("Connected, but the phone or WhatsApp is offline."),
    "offline_too_long": _("WhatsApp Web was offline for too long. Trying to come back."),
    "page_reloads": _("WhatsApp Web loads itself anew."),
    "not_connected": _("The gateway is not connected to WhatsApp."),
    "banned": _("WhatsApp banned this number. See on the phone what it says and how to appeal."),
    "needs_update": _(
        "WhatsApp Web demands a newer version. Whoever runs this installation has to update it."
    ),
    "engine_broken": _(
        "WhatsApp Web has changed, and our link to it is broken. Whoever runs Balcão has to update it."
    ),
    "not_injected": _("WhatsApp Web did not let itself be steered. Trying again."),
    "not_ready": _("WhatsApp Web was not ready in time. Trying again."),
    "web_unreachable": _("WhatsApp Web could not be opened. Trying again."),
    "web_page_missing": _("The page of WhatsApp Web that this number is set to is missing."),
    "wa_js_missing": _(
        "What links us to WhatsApp Web is missing here. Whoever runs this installation has to install it."
    ),
    "wa_js_changed": _(
        "What links us to WhatsApp Web is not what it should be. Whoever runs this installation has to look."
    ),
    "no_browser": _(
        "There is no browser here for WhatsApp Web. Whoever runs this installation has to install one."
    ),
    "browser_failed": _("The browser could not be started. Trying again."),
    "browser_gone": _("The browser of this number ended. Coming back by itself."),
    "profile_lost": _("The stored link is lost. Connect again."),
    "profile_unusable": _("The stored link could not be used. Trying again."),
    "profile_in_use": _("The stored link is still in use by another browser. Trying again."),
    "bad_settings": _("The settings of this connection will not do. Look through them."),
    "wrong_settings": _("The settings of this connection are incomplete or wrong. Look through them."),
    "address_not_allowed": _("The gateway's address is not allowed from here."),
    "token_rejected": _("The gateway did not accept the key or token. Give a valid one in the settings."),
    "gateway_error": _("The gateway answered with an error. Trying again."),
    "rate_limited": _("The gateway wants us to be slower. Trying again later."),
    "instance_gone": _("The gateway no longer knows this number. Connect again."),
    "not_supported": _("This kind of link cannot do that."),
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
