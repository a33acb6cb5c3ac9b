"""How many connections the server has, and for how long."""

import asyncio

import pytest

pytest.importorskip("uvicorn")

import uvicorn
from uvicorn.server import ServerState

from lengthwise.report import connections


async def app(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def answers(requests, patience):
    """Open a connection for each request, and return what each is answered, in the end."""
    config, state = uvicorn.Config(app, log_level="critical"), ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: connections.Connection(config, state, {}), "127.0.0.1", 0)
    async with server:
        opened = [await asyncio.open_connection(*server.sockets[0].getsockname()) for _ in requests]
        for (_, writer), request in zip(opened, requests, strict=True):
            writer.write(request)
        found = [await asyncio.wait_for(_all_of(reader), patience) for reader, _ in opened]
        for _, writer in opened:
            writer.close()
        return found


async def _all_of(reader):
    try:
        return await reader.read()
    except ConnectionError:
        return b""


ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def test_more_connections_than_the_most_are_closed_and_the_others_are_answered(monkeypatch):
    monkeypatch.setattr(connections, "MOST", 3)
    found = asyncio.run(answers([ASKED] * 5, 60))
    assert [answer.endswith(b"ok") for answer in found] == [True, True, True, False, False]


def test_who_asks_nothing_or_only_half_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", 0.05)
    found = asyncio.run(answers([b"", b"GET / HTTP/1.1\r\nHost: loc", ASKED], 60))
    assert [answer.endswith(b"ok") for answer in found] == [False, False, True]
