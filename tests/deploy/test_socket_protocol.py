"""A server that stops tells every open socket, whatever the others are doing."""

import asyncio
import socket

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from deploy.socket_protocol import SocketProtocol

RESTARTING = 1012
GOODBYE = b"\x88\x80\0\0\0\0"  # as a browser frames it: masked, and without a word


async def listening(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.mark.asyncio
async def test_a_socket_that_is_just_closing_keeps_no_other_from_being_told():
    given = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(listening, ws=SocketProtocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[given]))
    while not server.started:
        await asyncio.sleep(0.01)
    address = f"ws://127.0.0.1:{given.getsockname()[1]}"
    async with connect(address) as closing, connect(address) as other:
        await asyncio.sleep(0.05)
        first = next(one for one in server.server_state.connections if _is_of(one, closing))
        first.data_received(GOODBYE)  # still on the list until the loop's next round
        server.should_exit = True
        await server.shutdown(sockets=[given])

        with pytest.raises(ConnectionClosed) as told:
            await other.recv()
        assert told.value.rcvd.code == RESTARTING
    await serving


def _is_of(protocol, client):
    return protocol.transport.get_extra_info("peername") == client.local_address
