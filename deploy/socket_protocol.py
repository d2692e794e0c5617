"""The WebSocket protocol our servers run: uvicorn's quicker one, with a shutdown that cannot fail."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class SocketProtocol(WebSocketsSansIOProtocol):
    def shutdown(self) -> None:
        """Say goodbye, once. A socket that has just been closed by the other side is still on uvicorn's list
        for a moment; closing it again raises, and all sockets behind it on the list are told nothing."""
        if self.handshake_complete and self.transport.is_closing():
            self.stop_keepalive()
            return
        super().shutdown()
