"""The running side of connections, hosted by a Celery worker."""
