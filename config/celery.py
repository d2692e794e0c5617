"""Celery: the queue `default` for short tasks, `sessions` for the workers that host WhatsApp sessions."""

import os

from celery import Celery
from celery.signals import setup_logging
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("balcao")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue("default"), Queue("sessions")]
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Celery would otherwise replace the structured logging that the settings configure."""


@app.on_after_finalize.connect
def host_sessions(sender: Celery, **_: object) -> None:
    from connections.sessions.bootstep import SessionHost

    sender.steps["worker"].add(SessionHost)
