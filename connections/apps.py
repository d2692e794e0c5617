"""Connections, as Django knows them."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "connections"
