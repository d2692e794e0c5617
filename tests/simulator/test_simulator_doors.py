"""Who may knock: loopback hosts, the server's own pages, and what the command line allows."""

import socket

import httpx
import pytest
import websockets
from pretend_phones import MARIA, SHOP

from simulator.__main__ import arguments, main
from simulator.guard import is_loopback


async def status(net, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (await net.http.get("/api/phones", headers=named)).status_code


@pytest.mark.asyncio
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:8010", "[::1]:8010"])
async def test_loopback_hosts_are_accepted(net, host):
    assert await status(net, Host=host) == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[", ""]
)
async def test_foreign_hosts_are_refused(net, host):
    answer = await net.http.get("/api/phones", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"


@pytest.mark.asyncio
async def test_a_host_can_be_allowed(run_network):
    async with run_network(allowed_hosts=["simulator"]) as net:
        assert await status(net, Host="simulator:8010") == 200
        assert await status(net, Host="other:8010") == 403


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://localhost"]
)
async def test_foreign_origins_are_refused(net, origin):
    body = {"number": "+5511922223333", "name": "X"}
    answer = await net.http.post("/api/phones", json=body, headers={"Origin": origin})
    assert answer.status_code == 403
    assert len((await net.get("/api/phones"))["results"]) == 3


@pytest.mark.asyncio
async def test_the_servers_own_page_is_accepted(net):
    assert await status(net, Origin=f"http://127.0.0.1:{net.port}") == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/gateway", "/api/live"])
async def test_sockets_are_guarded_alike(net, path):
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await net.open(path, origin="http://evil.example")
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await websockets.connect(f"ws://evil.example{path}", host="127.0.0.1", port=net.port)
    await net.open(path, origin=f"http://127.0.0.1:{net.port}")


@pytest.mark.asyncio
async def test_every_answer_carries_the_security_headers(net):
    for path in ("/", "/phones/phones.css", "/api/phones", "/nothing"):
        headers = (await net.http.get(path)).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


@pytest.mark.asyncio
async def test_a_foreign_page_gets_no_permission_to_read(net):
    headers = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
    }
    answer = await net.http.options("/api/phones", headers=headers)
    assert not any(name.startswith("access-control") for name in answer.headers)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.9", "::", "example.com"])
def test_a_reachable_address_needs_to_be_allowed(host, capsys):
    with pytest.raises(SystemExit):
        arguments(["--host", host])
    assert "--allow-remote" in capsys.readouterr().err
    assert arguments(["--host", host, "--allow-remote"]).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_addresses_are_known(host):
    assert is_loopback(host)
    assert arguments(["--host", host]).host == host


@pytest.mark.parametrize("seconds", ["0", "-1", "99999", "x", "nan"])
def test_wrong_qr_seconds_are_refused(seconds):
    with pytest.raises(SystemExit):
        arguments(["--qr-seconds", seconds])


def test_a_damaged_state_stops_the_start_with_one_line(tmp_path, caplog):
    state = tmp_path / "state.json"
    state.write_text("not json")
    assert main(["--port", "0", "--state", str(state)]) == 1
    assert "state.json is damaged" in caplog.text


def test_a_taken_port_stops_the_start_with_one_line_and_touches_nothing(tmp_path, caplog):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["--port", port, "--state", str(tmp_path / "new" / "state.json")]) == 1
    assert "try another --port" in caplog.text
    assert not (tmp_path / "new").exists()


@pytest.mark.asyncio
async def test_an_upload_that_breaks_off_leaves_the_server_well(net):
    async def half():
        yield b"half"
        raise httpx.ReadError("gone")

    with pytest.raises(httpx.ReadError):
        await net.http.post(f"/api/phones/{MARIA}/media", content=half())
    assert (await net.get("/api/healthz"))["status"] == "ok"
    assert (await net.get(f"/api/phones/{SHOP}"))["online"] is True
