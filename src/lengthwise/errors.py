"""What can go wrong, as exceptions whose text is one sentence for the user.

The command line turns them into a line on stderr and an exit code, in one place (`lengthwise.cli`); in Python they
are ordinary exceptions. A message says what was given, what is allowed, and what to do.
"""


class LengthwiseError(Exception):
    """Base of all errors that lengthwise raises on purpose.

    Attributes
    ----------
    exit_code : int
        What the command line returns: 1 for failures, 2 for wrong usage.
    """

    exit_code = 1


class UsageError(LengthwiseError, ValueError):
    """An argument or option is out of range, or names something that is not there."""

    exit_code = 2


class DataError(LengthwiseError):
    """A data file cannot be believed: corrupt, truncated, or at odds with its neighbours."""


class RunError(LengthwiseError):
    """A run folder, checkpoint or model file cannot be used or written."""


class InterruptedRun(LengthwiseError):  # noqa: N818 - the user's wish, and no error
    """The user stopped something that can go on.

    Parameters
    ----------
    command : str
        What goes on with it.
    """

    exit_code = 130

    def __init__(self, command: str) -> None:
        super().__init__(f"interrupted; go on with: {command}")
