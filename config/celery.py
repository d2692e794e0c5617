"""Celery: the queue `default` for short tasks, `sessions` for the workers that host WhatsApp sessions."""

import os

from celery import Celery
from celery.signals import setup_logging, task_prerun, worker_ready
from django.db import close_old_connections
from kombu import Queue
from kombu.transport import TRANSPORT_ALIASES

from config.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "config.broker:Transport")

app = Celery("balcao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue("default"), Queue("sessions")]
app.autodiscover_tasks()
# Celery would close the database connection around each task; opening one costs more than most tasks.
app.conf["CELERY_DB_REUSE_MAX"] = 10**9


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery would otherwise replace the structured logging that the settings configure."""


@app.on_after_finalize.connect
def host_sessions(sender: Celery, **_: object) -> None:
    from connections.sessions.bootstep import SessionHost

    sender.steps["worker"].add(SessionHost)


@task_prerun.connect
def drop_stale_connections(**_: object) -> None:
    """Those that are too old or broken, as a request does."""
    close_old_connections()


@worker_ready.connect
def settle_memory(**_: object) -> None:
    settle()
