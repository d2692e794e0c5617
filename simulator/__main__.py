"""``python -m simulator``: run the pretend WhatsApp network."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from deploy.socket_protocol import SocketProtocol
from simulator.app import Settings, build_app, open_network
from simulator.guard import is_loopback
from simulator.store import StateUnusable, Store

LARGEST_FRAME = 1024 * 1024
GOODBYE_SECONDS = 2

logger = logging.getLogger("simulator")


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=8010)
    parser.add_argument(
        "--state",
        type=Path,
        default=Path("var/simulator/state.json"),
        help="file of the state; its journal and media stand beside it",
    )
    parser.add_argument(
        "--qr-seconds", type=_positive, help="lifetime of every QR code, instead of 60 and then 20"
    )
    parser.add_argument(
        "--allow-remote",
        action="store_true",
        help="listen on an address that other machines can reach: there is no password",
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        help="a further name that requests may use for this server (with --allow-remote)",
    )
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning"])
    options = parser.parse_args(argv)
    if not is_loopback(options.host) and not options.allow_remote:
        parser.error(f"{options.host} can be reached from outside; say --allow-remote if you mean it")
    return options


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be between 0 and 65535")
    return port


def _positive(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("must be between 0 and 3600")
    return seconds


def server_config(app: Starlette, *, host: str, port: int) -> uvicorn.Config:
    """How the server runs."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws=SocketProtocol,
        ws_max_size=LARGEST_FRAME,
        # Frames are small and stay on one machine: compressing costs more than it saves.
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
    )


class PortTaken(Exception):
    """Nobody can listen there; the sentence says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """The listening socket, taken before anything is read or promised."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise PortTaken(f"cannot listen on {host}:{port} ({reason}); try another --port") from error


def main(argv: list[str] | None = None) -> int:
    """Run until stopped. Returns the exit status."""
    options = arguments(argv)
    logging.basicConfig(
        level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # A line per socket is noise where a fault test opens thousands.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    hosts = [options.host, *options.allowed_host] if options.allow_remote else []
    settings = Settings(options.state, options.qr_seconds, hosts)
    try:
        door = listen(options.host, options.port)
        store = Store(options.state)
        network = open_network(store)
    except (PortTaken, StateUnusable) as error:
        logger.error("%s", error)
        return 1
    app = build_app(settings, network)
    _calm_collector()
    logger.info("phones to operate at http://%s:%s", options.host, options.port)
    try:
        config = server_config(app, host=options.host, port=options.port)
        uvicorn.Server(config).run(sockets=[door])
    finally:
        store.close()
    return 0


def _calm_collector() -> None:
    """Messages live long and hold no cycles: looking through all of them often only costs latency."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 1000)


if __name__ == "__main__":
    sys.exit(main())
