"""Modules that take long to import, imported while something else is waited for."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread


@contextmanager
def imported_meanwhile(*modules: str) -> Iterator[None]:
    """Import modules in a thread beside what is done in the block, so that whoever needs them later has them at once.

    Parameters
    ----------
    *modules : str
        Their names; one that cannot be imported is left to whoever needs it.
    """

    def load() -> None:
        for name in modules:
            with suppress(ImportError):
                import_module(name)

    thread = Thread(target=load, name="imports")
    thread.start()
    try:
        yield
    finally:
        thread.join()
