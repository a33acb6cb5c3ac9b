"""The package's exceptions, whose text is one sentence for the user.

The command line turns them into a line on stderr and an exit code, in one place (`lengthwise.cli`); in Python they
are ordinary exceptions. A message states what was given, what is allowed, and what to do.
"""


class LengthwiseError(Exception):
    """Base of all errors that lengthwise raises on purpose.

    Attributes
    ----------
    exit_code : int
        Exit code of the command line: 1 for failures, 2 for wrong usage.
    """

    exit_code = 1


class UsageError(LengthwiseError, ValueError):
    """An argument or option is out of range, or names something that does not exist."""

    exit_code = 2


class DataError(LengthwiseError):
    """A data file is invalid: corrupt, truncated, or inconsistent with other files."""


class RunError(LengthwiseError):
    """A run folder, checkpoint or model file cannot be used or written."""


class InterruptedRun(LengthwiseError):  # noqa: N818 - the user's request, not an error
    """The user stopped something that can be continued.

    Parameters
    ----------
    command : str
        The command that continues it.
    """

    exit_code = 130

    def __init__(self, command: str) -> None:
        super().__init__(f"interrupted; continue with: {command}")


class LengthwiseWarning(UserWarning):
    """Something is not as it should be, and was gone round; the command line shows it as one line on stderr."""
