"""The embedded Redis: its password, its port, and what it survives."""

import signal

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.local.redis_server import Redis


def start(server: Redis) -> None:
    server.start()
    server.wait_ready()


def test_it_answers_to_its_password_only(redis_server):
    start(redis_server)
    assert redis.Redis.from_url(redis_server.url).ping()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=redis_server.port, retry=Retry(NoBackoff(), 0)).ping()


def test_a_kill_loses_nothing_and_the_address_stays(redis_server):
    start(redis_server)
    url = redis_server.url
    redis.Redis.from_url(url).set("kept", 7)
    redis_server.send(signal.SIGKILL)
    assert redis_server.wait(5)
    start(redis_server)
    assert redis_server.url == url
    assert redis.Redis.from_url(url).get("kept") == b"7"


def test_it_never_forgets_to_make_room(redis_server):
    start(redis_server)
    settings = redis.Redis.from_url(redis_server.url).config_get("maxmemory-policy")
    assert settings == {"maxmemory-policy": "noeviction"}


def test_an_orphan_of_its_folder_is_ended(redis_server, folder):
    start(redis_server)
    second = Redis(folder / "redis", log=folder / "second.log", password="um-dois")
    start(second)
    try:
        assert redis_server.wait(5)
        assert second.port == redis_server.port
    finally:
        second.stop(at_once=True)


def test_a_port_that_somebody_else_took_is_given_up(redis_server, folder):
    start(redis_server)
    stranger = Redis(folder / "other", log=folder / "other.log", password="x")
    (folder / "other").mkdir()
    stranger.port = redis_server.port
    start(stranger)
    try:
        assert stranger.port != redis_server.port
    finally:
        stranger.stop(at_once=True)


def test_its_configuration_is_for_its_owner_only(redis_server, folder):
    start(redis_server)
    assert (folder / "redis" / "redis.conf").stat().st_mode & 0o077 == 0
