"""Stores that a person names in the environment: one clear line when they cannot be used."""

import pytest

from deploy.local import given
from deploy.local.console import Trouble
from deploy.local.ports import free_port


def test_a_database_that_does_not_answer_is_named():
    with pytest.raises(Trouble, match="DATABASE_URL names does not answer") as told:
        given.check_database(f"postgres://balcao:x@127.0.0.1:{free_port()}/balcao")
    assert "\n" not in told.value.what


def test_a_redis_that_does_not_answer_is_named():
    with pytest.raises(Trouble, match="REDIS_URL names does not answer"):
        given.check_redis(f"redis://127.0.0.1:{free_port()}/0")


def test_what_is_no_address_is_told_as_such():
    with pytest.raises(Trouble, match="REDIS_URL"):
        given.check_redis("localhost")


def test_a_role_above_row_level_security_is_refused(postgres):
    postgres.start()
    postgres.wait_ready()
    given.check_database(postgres.url())
    with postgres.connect_as_admin() as admin:
        admin.execute("alter role balcao bypassrls")
    with pytest.raises(Trouble, match="BYPASSRLS"):
        given.check_database(postgres.url())
