"""Credentials at rest: sealed, bound to their row, and honest when they cannot be read."""

import base64
import os

import pytest

from connections.actions import create_connection
from connections.models import SealedCredentials
from connections.sessions import vault
from connections.sessions.vault import Unreadable, seal, unseal

SECRET = b'{"token": "device-token-of-acme"}'


def key(name):
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


K1, K2 = key("k1"), key("k2")


@pytest.fixture
def keys(settings):
    settings.FIELD_KEYS = K1
    return settings


def test_what_is_sealed_can_be_opened_again(keys):
    assert unseal(seal(SECRET, bound_to="row"), bound_to="row") == SECRET


def test_nothing_of_the_secret_shows(keys):
    sealed = seal(SECRET, bound_to="row")

    assert "token" not in sealed
    assert "device" not in sealed
    assert seal(SECRET, bound_to="row") != sealed, "a fresh nonce each time"


def test_a_flipped_bit_is_noticed_wherever_it_is(keys):
    sealed = seal(SECRET, bound_to="row")
    version, key_id, nonce, ciphertext = sealed.split(".")
    for part in (nonce, ciphertext):
        raw = bytearray(base64.urlsafe_b64decode(part))
        for at in (0, len(raw) // 2, len(raw) - 1):
            flipped = bytearray(raw)
            flipped[at] ^= 1
            changed = base64.urlsafe_b64encode(bytes(flipped)).decode()
            forged = [version, key_id, *(changed if one is part else one for one in (nonce, ciphertext))]

            with pytest.raises(Unreadable):
                unseal(".".join(forged), bound_to="row")


@pytest.mark.parametrize(
    "sealed", ["", "v1", "v2.k1.AAAA.AAAA", "v1.k1.!!.!!", "v1.k1.AAAA", "v1.nobody.AAAA.AAAA"]
)
def test_nonsense_is_unreadable_not_a_crash(sealed, keys):
    with pytest.raises(Unreadable):
        unseal(sealed, bound_to="row")


def test_a_copy_in_another_row_cannot_be_opened(keys):
    with pytest.raises(Unreadable):
        unseal(seal(SECRET, bound_to="row"), bound_to="other row")


def test_after_a_new_key_the_old_one_still_opens_and_the_new_one_seals(keys):
    old = seal(SECRET, bound_to="row")
    keys.FIELD_KEYS = f"{K2},{K1}"

    assert unseal(old, bound_to="row") == SECRET
    assert seal(SECRET, bound_to="row").split(".")[1] == "k2"


def test_when_its_key_is_gone_it_is_unreadable(keys):
    sealed = seal(SECRET, bound_to="row")
    keys.FIELD_KEYS = K2

    with pytest.raises(Unreadable):
        unseal(sealed, bound_to="row")


def test_another_key_of_the_same_name_does_not_open_it(keys):
    sealed = seal(SECRET, bound_to="row")
    keys.FIELD_KEYS = key("k1")

    with pytest.raises(Unreadable):
        unseal(sealed, bound_to="row")


# --- with rows --------------------------------------------------------------------------------


def test_a_connection_keeps_replaces_and_forgets(connection):
    assert vault.open_for(connection) is None
    vault.keep(connection, b"first")
    vault.keep(connection, b"second")
    assert vault.open_for(connection) == b"second"
    assert SealedCredentials.objects.count() == 1

    vault.forget(connection)
    assert vault.open_for(connection) is None


def test_a_row_moved_to_another_connection_is_unreadable(connection, sales):
    other = create_connection(name="Second", driver="simulator", sector=sales)
    vault.keep(connection, SECRET)
    SealedCredentials.objects.update(connection=other)

    with pytest.raises(Unreadable):
        vault.open_for(other)


def test_the_database_never_holds_the_plain_text(connection):
    vault.keep(connection, SECRET)

    assert "device-token" not in SealedCredentials.objects.get().sealed
