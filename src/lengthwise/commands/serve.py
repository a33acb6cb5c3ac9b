"""``lengthwise serve``."""

import socket
import sys
from contextlib import suppress
from pathlib import Path

from lengthwise.errors import RunError, UsageError


def serve(
    study: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    margin: float | None = None,
    confidence: float | None = None,
) -> None:
    """Serve the page of a study, which is updated while the study runs.

    Parameters
    ----------
    study
        Folder that lengthwise study wrote or is writing; it is only read.
    host
        Name or address to listen at, and to which alone it answers; the default can be reached from this machine only.
        0.0.0.0 listens at every address, and answers to every name.
    port
        Port to listen at; 0 chooses a free one.
    margin
        Largest loss of score against the best length that is still good enough; 0.005 is half a percentage point.
        [default: that of the study, or else 0.005, or for an error 0.02 of the baseline's]
    confidence
        Confidence of the intervals and of the recommendation. [default: that of the study, or else 0.95]
    """
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from lengthwise.report.connections import Connection  # noqa: PLC0415
        from lengthwise.report.hosts import Host  # noqa: PLC0415
        from lengthwise.report.server import Pages, application  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"serve needs {error.name}: install it with pip install 'lengthwise[serve]'.") from error
    if not 0 <= port <= 65535:
        raise UsageError(f"port is {port}, but must be 0 to 65535.")
    pages = Pages(study, margin=margin, confidence=confidence)
    with _listening(host, port) as listener:
        reached = Host.of(host)
        if not reached.is_private:
            others = " So can pages of other sites, as it answers to every name." if reached.names is None else ""
            print(
                f"lengthwise: warning: everyone who reaches {host} can see this study; there is no password.{others}",
                file=sys.stderr,
            )
        shown = f"[{host}]" if ":" in host else host
        print(f"showing {study} at http://{shown}:{listener.getsockname()[1]}/ (Ctrl-C ends it)", flush=True)
        config = uvicorn.Config(
            application(pages, reached.names), log_level="warning", access_log=False, http=Connection
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise RunError(f"cannot listen at {host}, port {port}: {error.strerror or error}.") from error
