"""Modules that take long to import, imported while something else is waited for."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread


@contextmanager
def imported_meanwhile(*modules: str) -> Iterator[Callable[[], None]]:
    """Import modules in a thread beside what is done in the block, so that whoever needs them later has them at once.

    The block is given what begins to import them, when it is called first.

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

    def begin() -> None:
        if thread.ident is None:
            thread.start()

    try:
        yield begin
    finally:
        if thread.ident is not None:
            thread.join()
