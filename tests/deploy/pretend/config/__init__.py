"""The pretend product's Celery: a worker that says when it is ready."""

import logging
import os

from celery import Celery
from celery.signals import setup_logging

celery = Celery("pretend", broker=os.environ["REDIS_URL"])
celery.conf.task_default_queue = "default"
celery.conf.broker_connection_retry_on_startup = True


@setup_logging.connect
def log_plainly(**_):
    logging.basicConfig(level="INFO", format="[%(levelname)s] %(message)s")
