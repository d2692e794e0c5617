"""The server put together: one network, its doors, the page of phones at /, WhatsApp Web at /web/."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from simulator.control import Control
from simulator.errors import Refused
from simulator.faults import FaultPlans
from simulator.gateway import Gateway
from simulator.guard import Guard
from simulator.linking import LinkingDesk
from simulator.live import LiveHub
from simulator.media import MediaShelf
from simulator.network import Network
from simulator.replies import on_http_error, on_os_error, on_refused
from simulator.stage import Stage
from simulator.store import Store
from simulator.web_page import WebPage

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Settings:
    """``qr_seconds`` None means lifetimes as WhatsApp has them."""

    state: Path
    qr_seconds: float | None = None
    allowed_hosts: Iterable[str] = field(default_factory=tuple)


def open_network(store: Store) -> Network:
    """The network as the store remembers it, journaling from now on."""
    state, past = store.read()
    network = Network(state, journal=store.append)
    network.replay(past)
    store.begin(network.state)
    return network


def build_app(settings: Settings, network: Network) -> Starlette:
    """The ASGI application around a network."""
    desk = LinkingDesk(network, seconds=settings.qr_seconds)
    plans = FaultPlans()
    gateway = Gateway(network, desk, plans)
    shelf = MediaShelf(network, settings.state.parent / "media")
    hub = LiveHub(network, gateway)
    control = Control(network, gateway, shelf)
    stage = Stage(network, desk, plans, gateway)
    return Starlette(
        routes=[
            *control.routes(),
            *stage.routes(),
            WebSocketRoute("/api/live", hub.endpoint),
            WebSocketRoute("/gateway", gateway.endpoint),
            Route("/media", shelf.upload, methods=["POST"]),
            Route("/media/{media_id}", shelf.download),
            Route("/pictures/{chat}", shelf.picture),
            *_page_routes(),
            *WebPage(PAGES / "web").routes(),
        ],
        middleware=[Middleware(Guard, allowed_hosts=settings.allowed_hosts)],
        exception_handlers={
            Refused: on_refused,
            HTTPException: on_http_error,
            OSError: on_os_error,
            ClientDisconnect: _on_client_gone,
        },
    )


def _page_routes() -> list[BaseRoute]:
    async def phones(request: Request) -> Response:
        return FileResponse(PAGES / "phones" / "index.html")

    return [
        Route("/", phones),
        Mount("/phones", StaticFiles(directory=PAGES / "phones")),
    ]


async def _on_client_gone(request: Request, error: Exception) -> Response:
    return Response(status_code=499)
