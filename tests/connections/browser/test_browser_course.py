"""What states of the page mean for the link: every trap of WhatsApp Web and wa-js as a row."""

import pytest

from connections import wire
from connections.choices import State
from connections.drivers.browser.course import Course, Order, is_connected, phone_of

QR = {
    "authenticated": False,
    "mode": "QR",
    "info": "PAIRING",
    "online": True,
    "socket": "UNPAIRED",
    "needs_update": False,
    "me": "",
    "name": "",
    "qr": "2@first,a,b,c",
    "idle": 0,
    "logged_out": False,
    "logout_reason": "",
    "version": "2.3000.1",
}
MAIN = QR | {
    "authenticated": True,
    "mode": "MAIN",
    "info": "NORMAL",
    "socket": "CONNECTED",
    "me": "5511900000001@c.us",
    "name": "Loja",
    "qr": "",
}
READY = wire.Ready(phone="+5511900000001", profile_name="Loja")


def fresh(**given):
    return Course(**{"was_linked": False, "by_code": False, "attempts": 3, **given})


def ready(**given):
    course = fresh(was_linked=True, **given)
    assert course.see(MAIN, 0) == [READY, Order.CATCH_UP]
    return course


def ended(steps):
    (step,) = steps
    assert isinstance(step, wire.Ended)
    return step.state, step.reason


# --- linking ------------------------------------------------------------------------------------


def test_a_code_is_shown_once_and_the_next_one_as_the_next_attempt():
    course = fresh()
    assert course.see(QR, 0) == [wire.QrShown(code="2@first,a,b,c", expires_in=60.0, attempt=1, attempts=3)]
    assert course.see(QR, 1) == []
    (second,) = course.see(QR | {"qr": "2@second,a,b,c"}, 2)
    assert (second.attempt, second.expires_in) == (2, 20.0)


def test_it_gives_up_after_so_many_codes():
    course = fresh()
    for number in range(3):
        course.see(QR | {"qr": f"2@{number}"}, 0)
    assert ended(course.see(QR | {"qr": "2@fourth"}, 0)) == (State.FAILED, "qr_exhausted")


def test_a_page_that_stopped_showing_codes_is_asked_for_another_once():
    course = fresh()
    course.see(QR, 0)
    assert course.see(QR | {"idle": 7}, 0) == [Order.REFRESH_QR]
    assert course.see(QR | {"idle": 7}, 1) == []


def test_by_code_no_qr_code_is_shown_and_a_code_is_asked_for_once():
    course = fresh(by_code=True)
    assert course.see(QR, 0) == [Order.PAIR]
    assert course.see(QR | {"qr": "2@second"}, 0) == []
    course.page_begins()
    assert course.see(QR, 0) == [Order.PAIR], "the page that knew it is gone"


def test_a_passkey_is_told_with_its_time():
    assert fresh().hear("passkey_required", 90) == [wire.PasskeyNeeded(expires_in=90)]
    assert fresh().hear("passkey_required") == [wire.PasskeyNeeded(expires_in=120.0)]


def test_a_code_to_type_is_shown_once_and_its_end_ends_the_link():
    course = fresh(by_code=True)
    shown = wire.PairingCodeShown(code="ABCD1234", expires_in=195.0)
    assert course.follows("link_code", {"code": "ABCD1234"}, 0) == [shown]
    assert course.follows("link_code", {"code": "ABCD1234"}, 1) == []
    assert ended(course.follows("link_code_expired", {}, 2)) == (State.FAILED, "pairing_expired")
    assert ended(course.follows("link_code_error", {"message": "no"}, 2)) == (State.FAILED, "pairing_refused")
    assert course.follows("message", {}, 3) is None, "that is not about the link"


def test_linked_is_told_before_ready_and_only_where_it_is_new():
    course = fresh()
    course.see(QR, 0)
    syncing = MAIN | {"mode": "SYNCING", "info": "SYNCING"}
    assert course.see(syncing, 1) == [wire.Linked(credentials=b"")]
    assert course.see(MAIN, 2) == [READY, Order.CATCH_UP]

    # Authenticated is no event on a page that was linked before.
    assert fresh(was_linked=True).see(MAIN, 0) == [READY, Order.CATCH_UP]


def test_a_profile_that_was_linked_and_shows_a_code_is_brought_back():
    assert fresh(was_linked=True).see(QR | {"qr": ""}, 0) == [], "perhaps it only starts"
    assert fresh(was_linked=True).see(QR, 0) == [Order.RESTORE]


@pytest.mark.parametrize(
    "change",
    [
        {"authenticated": False},
        {"mode": "QR"},  # where "main_ready" has fired, and stays so for ever
        {"mode": "SYNCING"},
        {"online": False},
        {"me": ""},
        {"socket": "OPENING"},
        {"socket": "TIMEOUT"},
    ],
)
def test_connected_is_all_of_it_at_once(change):
    assert is_connected(MAIN)
    assert not is_connected(MAIN | change)


# --- being ready --------------------------------------------------------------------------------


def test_offline_is_unwell_and_well_again_asks_for_what_was_missed():
    course = ready()
    away = MAIN | {"online": False, "info": "OFFLINE"}
    assert course.see(away, 10) == [wire.Unwell(reason="offline")]
    assert course.see(away | {"info": "OPENING"}, 11) == []
    assert course.see(MAIN, 12) == [wire.Unwell(reason=""), Order.CATCH_UP]
    assert course.see(MAIN, 13) == []


def test_offline_for_too_long_begins_anew():
    course = ready()
    course.see(MAIN | {"online": False}, 10)
    assert course.tick(309) == []
    assert ended(course.tick(310)) == (State.RECONNECTING, "offline_too_long")


def test_synchronising_for_too_long_loads_the_page_anew():
    course = fresh(was_linked=True)
    course.see(MAIN | {"mode": "SYNCING"}, 0)
    assert course.tick(179) == []
    assert course.tick(180) == [Order.RELOAD]


def test_ready_is_told_again_by_a_new_page():
    course = ready()
    course.page_begins()
    assert course.see(MAIN, 1) == [READY, Order.CATCH_UP]


# --- endings ------------------------------------------------------------------------------------


def test_another_window_is_taken_back_from_once_and_then_it_ends():
    course = ready()
    conflict = MAIN | {"mode": "CONFLICT", "socket": "CONFLICT"}
    assert course.see(conflict, 0) == [wire.Unwell(reason="replaced"), Order.TAKE_OVER]
    assert course.see(conflict, 1) == [], "it takes a moment"
    assert course.see(MAIN, 2) == [wire.Unwell(reason=""), Order.CATCH_UP]
    assert ended(course.see(conflict, 3)) == (State.FAILED, "replaced")


def test_another_window_that_does_not_let_go_ends_it():
    course = ready()
    course.see(MAIN | {"mode": "CONFLICT"}, 0)
    assert course.tick(29) == []
    assert ended(course.tick(30)) == (State.FAILED, "replaced")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"logged_out": True}, "unlinked_on_phone"),
        ({"logged_out": True, "logout_reason": "unknown_companion"}, "unlinked_on_phone"),
        ({"logged_out": True, "logout_reason": "account_locked"}, "account_locked"),
        ({"authenticated": False, "socket": "UNPAIRED"}, "unlinked_on_phone"),
    ],
)
def test_a_log_out_is_told_with_its_reason(change, reason):
    assert ended(ready().see(MAIN | change, 1)) == (State.LOGGED_OUT, reason)


def test_a_log_out_of_a_page_that_nobody_was_linked_to_is_none():
    assert fresh().see(QR | {"logged_out": True}, 0) != []
    assert not any(isinstance(step, wire.Ended) for step in fresh().see(QR | {"logged_out": True}, 0))


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("TOS_BLOCK", "tos_block"), ("SMB_TOS_BLOCK", "tos_block"), ("PROXYBLOCK", "proxy_block")],
)
def test_a_block_is_a_ban(mode, reason):
    assert ended(ready().see(MAIN | {"mode": mode}, 1)) == (State.BANNED, reason)
    assert ended(fresh().see(QR | {"socket": mode}, 1)) == (State.BANNED, reason)


def test_a_ban_for_a_while_is_heard_of_on_the_bus():
    assert ended(ready().hear("account_temporarily_banned")) == (State.BANNED, "temporarily_banned")
    assert ready().hear("offline_delivery_end") == []


def test_a_broken_storage_loads_the_page_anew():
    assert ready().hear("storage_initialization_error") == [Order.RELOAD]


@pytest.mark.parametrize("change", [{"needs_update": True}, {"mode": "DEPRECATED_VERSION"}])
def test_an_old_version_is_loaded_anew_once_and_then_it_ends(change):
    course = ready()
    assert course.see(MAIN | change, 1) == [Order.RELOAD]
    assert ended(course.see(MAIN | change, 2)) == (State.FAILED, "needs_update")


@pytest.mark.parametrize(
    ("wid", "phone"),
    [
        ("5511900000001@c.us", "+5511900000001"),
        ("5511900000001:12@c.us", "+5511900000001"),
        ("111222333@lid", ""),
        ("", ""),
    ],
)
def test_our_own_number(wid, phone):
    assert phone_of(wid) == phone
