"""A Ray cluster as the executor of a study: a run is a Ray task of one processor.

The data, or the user's own function, go to the cluster's object store once. A task whose worker or node is lost is
carried out again elsewhere by Ray; since a run depends on its settings and the data alone, the result is the same. The
driver alone writes the store.
"""

import socket
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from lengthwise.errors import RunError, UsageError
from lengthwise.study.execution import Job

CONNECT_SECONDS = 10

RETRIES = 20
"""How often a run is restarted if its worker is lost."""


class RayCluster:
    """Carries out runs on a Ray cluster.

    Parameters
    ----------
    address : str, optional
        Of a running cluster, such as ``"10.0.0.1:6379"`` or ``"ray://…"``; by default the one that runs on this
        machine, or else a new one of its processors.

    Raises
    ------
    UsageError
        If Ray is not installed.
    RunError
        If the cluster cannot be reached.
    """

    shares_data = True

    def __init__(self, address: str | None = None) -> None:
        try:
            import ray  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise UsageError("--executor ray needs Ray: install it with pip install 'lengthwise[ray]'.") from error
        self._ray: Any = ray
        self._address = address
        self._payload: tuple[Any, Any] | None = None

    def __enter__(self) -> Self:
        if self._address is not None:
            _check_reachable(self._address)
        if not self._ray.is_initialized():
            try:
                self._ray.init(address=self._address, log_to_driver=False, configure_logging=False)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise RunError(f"the Ray cluster at {self._address} cannot be reached: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ray.shutdown()

    def submit(self, function: Callable[..., Any], /, job: Job, payload: Any) -> Any:
        """Return a future of ``function(job, payload)``."""
        if self._payload is None or self._payload[0] is not payload:
            self._payload = payload, self._ray.put(payload)
        task = self._ray.remote(num_cpus=1, max_retries=RETRIES)(_carry_out)
        return task.remote(function, job, self._payload[1]).future()


def _check_reachable(address: str) -> None:
    """Raise `RunError` if nothing accepts connections there; Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        if address == "auto":
            return
        raise UsageError(f"ray_address is {address!r}, but must be a host and a port, such as 10.0.0.1:6379, or auto.")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise RunError(f"the Ray cluster at {address} cannot be reached: {error}.") from error


def _carry_out(function: Callable[..., Any], job: Job, payload: Any) -> Any:
    """Call the function in a worker, by a name that Ray can send there."""
    return function(job, payload)
