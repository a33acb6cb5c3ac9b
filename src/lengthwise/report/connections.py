"""Connections to the server of a study's page: so many at a time, and who asks nothing is not waited for."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 100
"""Connections at a time; one more is closed at once, so that the process has files left for the store."""

PATIENCE = 20.0
"""Seconds in which a connection must have asked for something."""


class Connection(H11Protocol):
    """A connection to uvicorn, which itself waits for ever, and accepts more than a process may have files."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
        else:
            self.loop.call_later(PATIENCE, self._close_if_silent)

    def _close_if_silent(self) -> None:
        asked: object = self.cycle  # None before the first request, whatever its type says
        if asked is None:
            self.transport.abort()
