"""The command line: the list of commands, and the one place where errors become a line and an exit code.

Each command is a function in `lengthwise.commands`, imported only when it is called, so that ``--help`` is quick.
"""

import io
import os
import sys

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from lengthwise._version import __version__
from lengthwise.commands.conversion import to_value
from lengthwise.errors import LengthwiseError, UsageError

app = App(
    name="lengthwise",
    help="How long must a training sequence be? Train recurrent networks on windows of any length.",
    version=__version__,
    help_format="plaintext",
    default_parameter=Parameter(negative=(), converter=to_value),
    suppress_keyboard_interrupt=False,
)
for name, summary in {
    "study": "Train a network at every length, several seeds each, and say which length is long enough.",
    "report": "Say which length is long enough, and write a study's page, tables and figures.",
    "serve": "Show the page of a study while it runs.",
    "train": "Train a network on windows of a data set, and evaluate it on every window of the test split.",
    "evaluate": "Evaluate a trained network on every window, at any length.",
    "show": "Draw a sequence, its label, and the window of it that a network is shown.",
    "data": "List what there is to train on, and say what was understood of a file.",
    "layouts": "Print the layouts in which a mini-batch feeds different kinds of network.",
}.items():
    app.command(f"lengthwise.commands.{name}:{name}", help=summary)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

    Parameters
    ----------
    arguments : list of str, optional
        What follows the program's name; the process's own arguments by default.
    """
    _write_what_the_terminal_can()
    try:
        app(
            sys.argv[1:] if arguments is None else arguments,
            exit_on_error=False,
            print_error=False,
            result_action="return_none",
        )
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (CycloptsError, LengthwiseError, MemoryError, OSError, KeyboardInterrupt) as error:
        sentence, exit_code = _explain(error)
        print(f"lengthwise: {' '.join(sentence.split())}", file=sys.stderr)
        return exit_code
    return 0


def _explain(error: BaseException) -> tuple[str, int]:
    """Return what to say of an error, and the exit code."""
    match error:
        case LengthwiseError():
            return str(error), error.exit_code
        case UnusedCliTokensError():
            unused = " ".join(error.unused_tokens or [])
            return f"there is no argument {unused!r} here: see lengthwise --help.", UsageError.exit_code
        case CycloptsError():
            return str(error), UsageError.exit_code
        case MemoryError():
            return f"there is not enough memory for this ({error}): choose smaller sizes.", 1
        case OSError():
            return f"cannot use {error.filename or 'a file'}: {error.strerror or error}.", 1
        case _:
            return "interrupted", 130


def _write_what_the_terminal_can() -> None:
    """Print a question mark for what the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
