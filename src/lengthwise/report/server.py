"""The server of a study's page, which only reads the store."""

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lengthwise.data import Dataset
from lengthwise.errors import LengthwiseError
from lengthwise.report.page import page_data, render_page, status_data
from lengthwise.report.status import status_of
from lengthwise.report.tables import csv_text, runs_table
from lengthwise.study.study import Study

Found = TypeVar("Found")


class Pages:
    """The content of a study's page, computed again when the store has changed.

    Parameters
    ----------
    folder : Path
        The study's folder.
    margin, confidence : float, optional
        As for `lengthwise.Study.answers`.
    data : Dataset, optional
        The data, if the study was made with data in memory.
    """

    def __init__(
        self,
        folder: Path,
        *,
        margin: float | None = None,
        confidence: float | None = None,
        data: Dataset | None = None,
    ) -> None:
        self._folder = folder
        self._how: dict[str, Any] = {"margin": margin, "confidence": confidence}
        self._dataset = data
        self._latest: tuple[str, dict[str, Any]] | None = None
        self._lock = threading.Lock()
        with self._lock:
            self._read(lambda study: page_data(study, **self._how))

    def data(self) -> dict[str, Any]:
        """Return the page's data, with the ``version`` of the store from which they were computed."""
        with self._lock:
            return self._read(self._data)

    def update(self, version: str) -> dict[str, Any]:
        """Return the page's data if the store's version has changed, otherwise only the study's status."""
        with self._lock:
            return self._read(lambda study: self._update(study, version))

    def csv(self) -> str:
        """Return the current content of results.csv."""
        with self._lock:
            return self._read(lambda study: csv_text(runs_table(study)))

    def _data(self, study: Study) -> dict[str, Any]:
        version = study.store.version
        if self._latest is None or self._latest[0] != version:
            self._latest = version, page_data(study, **self._how) | {"version": version}
        return self._latest[1] | {"status": status_data(status_of(study))}

    def _update(self, study: Study, version: str) -> dict[str, Any]:
        if study.store.version != version:
            return self._data(study)
        return {"version": version, "status": status_data(status_of(study))}

    def _read(self, look: Callable[[Study], Found]) -> Found:
        study = Study.load(self._folder, data=self._dataset, read_only=True)
        try:
            found = look(study)
            self._dataset = study.loaded
        finally:
            study.store.close()
        return found


def application(pages: Pages, names: tuple[str, ...] | None) -> Starlette:
    """Return the ASGI application that serves a study's page.

    Parameters
    ----------
    pages : Pages
    names : tuple of str, optional
        Requests to other hosts are refused; see `lengthwise.report.hosts`. None answers all.
    """

    def page(_request: Request) -> Response:
        return HTMLResponse(render_page(pages.data(), live=True), headers={"Cache-Control": "no-store"})

    def update(request: Request) -> Response:
        found = pages.update(request.query_params.get("version", ""))
        return JSONResponse(found, headers={"Cache-Control": "no-store"})

    def csv(_request: Request) -> Response:
        return PlainTextResponse(
            pages.csv(), media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="results.csv"'}
        )

    def failed(_request: Request, error: Exception) -> Response | Awaitable[Response]:
        return PlainTextResponse(str(error), status_code=503)

    guard = [] if names is None else [Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)]
    return Starlette(
        routes=[Route("/", page), Route("/data.json", update), Route("/results.csv", csv)],
        middleware=guard,
        exception_handlers={LengthwiseError: failed},
    )
