"""The pretend WhatsApp Web at /web/: its files, its QR codes as pictures, how its next load goes."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass, field
from pathlib import Path

import qrcode
from qrcode.image.svg import SvgPathImage
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.guard import PAGE_POLICY
from simulator.replies import fields_of, json_response
from simulator.values import Fields

PROFILES = ("at_once", "fast", "slow", "very_slow")
BLOCKS = ("none", "PROXYBLOCK", "TOS_BLOCK", "SMB_TOS_BLOCK", "DEPRECATED_VERSION")
CODE_LIMIT = 500
MODULES_LIMIT = 100
# Pages of WhatsApp may read data: and blob: addresses of their own; wa-js relies on it.
POLICY = PAGE_POLICY.replace("connect-src 'self'", "connect-src 'self' data: blob:")


@dataclass(slots=True)
class Setup:
    """How the page loads: when its modules appear, which never do, what keeps everybody out."""

    profile: str = "at_once"
    missing: list[str] = field(default_factory=list)
    blocked: str | None = None

    def change(self, fields: Fields) -> None:
        """Set what a caller of the control API names, and leave the rest."""
        if fields.has("profile"):
            self.profile = fields.choice("profile", PROFILES)
        if fields.has("missing"):
            self.missing = fields.texts("missing", limit=100, most=MODULES_LIMIT)
        if fields.has("blocked"):
            blocked = fields.choice("blocked", BLOCKS)
            self.blocked = None if blocked == "none" else blocked


class WebPage:
    """The addresses of the page. What is set here lasts until the server stops."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._setup = Setup()

    def routes(self) -> list[BaseRoute]:
        """The page, what it asks for, and the control API's say in it."""
        return [
            Route("/web/", self.page),
            Route("/web/setup", self.setup),
            Route("/web/qr.svg", self.qr_picture),
            Mount("/web", StaticFiles(directory=self._folder)),
            Route("/api/web", self.change, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """GET /web/."""
        return FileResponse(self._folder / "index.html", headers={"Content-Security-Policy": POLICY})

    async def setup(self, request: Request) -> Response:
        """GET /web/setup: how this load shall go."""
        return json_response(asdict(self._setup))

    async def change(self, request: Request) -> Response:
        """POST /api/web {profile?, missing?, blocked?}: how the next loads go."""
        self._setup.change(await fields_of(request))
        return json_response(asdict(self._setup))

    async def qr_picture(self, request: Request) -> Response:
        """GET /web/qr.svg?text=."""
        text = Fields(dict(request.query_params)).text("text", limit=CODE_LIMIT)
        drawing = qrcode.make(text, image_factory=SvgPathImage, border=2)
        file = io.BytesIO()
        drawing.save(file)
        return Response(file.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
