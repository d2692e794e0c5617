"""Celery, as the settings wire it: it must not hold up a request, and hosts sessions where it is told to."""

import re
import socket
import time
from types import SimpleNamespace

import kombu.exceptions
import pytest
from celery import Celery
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.test import override_settings
from kombu import Connection

from config.celery import app
from connections.sessions import pool
from connections.sessions.bootstep import SessionHost


def test_with_redis_away_a_publish_fails_at_once():
    """The clock calls again later; a person who waits must not wait for Redis."""
    stranded = Celery("stranded", broker="redis://127.0.0.1:1/0", set_as_current=False)
    stranded.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    stranded.conf.task_publish_retry = settings.CELERY_TASK_PUBLISH_RETRY
    began = time.monotonic()
    with pytest.raises((kombu.exceptions.OperationalError, OSError)):
        stranded.send_task("x")

    assert time.monotonic() - began < 3


def test_a_message_whose_worker_died_comes_back():
    assert app.conf.task_acks_late
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] <= 300


def test_nothing_is_promised_that_a_pool_of_threads_does_not_keep():
    """Celery ends or rejects the task of a lost or slow *process*; ours are threads."""
    workers = re.findall(r"celery -A config worker .*", (settings.BASE_DIR / "deploy/entrypoint").read_text())

    assert workers
    assert all("--pool threads" in command for command in workers)
    assert not app.conf.task_time_limit
    assert not app.conf.task_soft_time_limit
    assert not app.conf.task_reject_on_worker_lost


def test_a_mail_server_that_hangs_holds_a_thread_for_seconds_only():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        began = time.monotonic()
        with override_settings(EMAIL_TIMEOUT=settings.EMAIL_TIMEOUT / 20), pytest.raises(OSError):
            EmailBackend(host=host, port=port).open()

    assert settings.EMAIL_TIMEOUT == 10
    assert time.monotonic() - began < 3


def worker(*queues):
    amqp = SimpleNamespace(queues=SimpleNamespace(consume_from=dict.fromkeys(queues)))
    return SimpleNamespace(hostname="w1@here", app=SimpleNamespace(amqp=amqp))


@pytest.mark.parametrize(
    ("queues", "hosts"), [(["sessions"], True), (["default"], False), (["default", "sessions"], True)]
)
def test_only_a_worker_of_the_sessions_queue_hosts_sessions(queues, hosts):
    one = worker(*queues)

    assert SessionHost(one).include_if(one) is hosts


def test_the_pool_lives_and_dies_with_its_worker(committed):
    one = worker("sessions")
    step = SessionHost(one)
    step.start(one)
    first = pool.hosted()
    assert first.worker.startswith("w1@here/")
    step.stop(one)
    assert pool.hosted() is None
    assert not first.thread.is_alive()

    step.start(one)
    assert pool.hosted().worker != first.worker, "a successor of the same name is another holder"
    step.terminate(one)
    assert pool.hosted() is None


def test_stopping_a_worker_that_never_started_is_no_error():
    SessionHost(worker("sessions")).stop(worker("sessions"))


def test_a_channel_that_outlived_its_connection_says_so_as_celery_expects():
    """Anything but a connection error there ends the worker."""
    with Connection(settings.CELERY_BROKER_URL) as connection:
        channel = connection.channel()
        connection.collect()

        with pytest.raises(connection.connection_errors, match="was closed"):
            channel.basic_ack("a message of the old connection")
