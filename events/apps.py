"""Events, as Django knows them."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
