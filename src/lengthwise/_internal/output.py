"""Standard output, in which names from files stand as they are."""

import os
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from lengthwise._internal.printable import printable


class Output(Console):
    """Standard output without Rich's markup and emoji codes.

    If its reader is gone, as after ``| head``, nothing more is printed, and what runs goes on.

    Parameters
    ----------
    **options
        As for `rich.console.Console`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, force_jupyter=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a text as it is shown."""
        return super().render_str(printable(text), **options)

    def on_broken_pipe(self) -> None:
        """Print nothing from now on."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
