"""Text in which nothing is a command to the terminal that shows it."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that move the cursor, begin a terminal's commands or turn the direction of writing."""


def printable(text: str) -> str:
    r"""Return a text with its control characters written as escapes; lines and tabs stay.

    >>> print(printable("walks\x1b]0;title\x07.csv"))
    walks\x1b]0;title\x07.csv
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def visible(name: str) -> str:
    r"""Return a name that can be seen: one that is blank, such as a token, in quotes as Python writes it.

    >>> print(visible("\n"), visible(" "), visible("a b"))
    '\n' ' ' a b
    """
    return printable(name) if name.strip() else repr(name)
