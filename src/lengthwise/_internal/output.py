"""Text on standard output, in which names from files stand as they are, and nothing in them is a command."""

import os
import re
import sys
from typing import Any

from rich.console import Console
from rich.text import Text

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that move the cursor, begin a terminal's commands or turn the direction of writing."""


def printable(text: str) -> str:
    r"""Return a text with its control characters written as escapes; lines and tabs stay.

    >>> print(printable("walks\x1b]0;title\x07.csv"))
    walks\x1b]0;title\x07.csv
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


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
