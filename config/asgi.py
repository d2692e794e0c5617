"""Socket → consumer. `sockets` is for a process of its own; `application` serves pages as well, from
WSGI threads in the same process, which is a good shape for one machine."""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.memory import settle
from config.wsgi import application as pages  # sets Django up before the apps are imported
from connections.consumers import LinkConsumer
from tickets.consumers import ConsoleConsumer

THREADS = 12

live = AllowedHostsOriginValidator(
    AuthMiddlewareStack(
        URLRouter(
            [
                path("t/<slug:slug>/live/", ConsoleConsumer.as_asgi()),
                path("link/<str:token>/live/", LinkConsumer.as_asgi()),
            ]
        )
    )
)
sockets = ProtocolTypeRouter({"websocket": live})
application = ProtocolTypeRouter(
    {"http": WSGIMiddleware(cast("Any", pages), workers=THREADS), "websocket": live}
)
settle()
