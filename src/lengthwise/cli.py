"""The command line: the list of commands, and the one place where errors become a line and an exit code.

Each command is a function in `lengthwise.commands`, imported only when it is called, so that ``--help`` is quick.
"""

import sys

from cyclopts import App, CycloptsError, Parameter

from lengthwise._version import __version__
from lengthwise.errors import LengthwiseError, UsageError

app = App(
    name="lengthwise",
    help="How long must a training sequence be? Train recurrent networks on windows of any length.",
    version=__version__,
    help_format="plaintext",
    default_parameter=Parameter(negative=()),
)
for name, summary in {
    "study": "Train a network at every length, several seeds each, and say which length is long enough.",
    "report": "Say which length is long enough, and write a study's page, tables and figures.",
    "serve": "Show the page of a study while it runs.",
    "train": "Train a network on windows of a data set, and evaluate it on every window of the test split.",
    "evaluate": "Evaluate a trained network on every window, at any length.",
    "show": "Draw a sequence, its label, and the window of it that a network is shown.",
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
    try:
        app(sys.argv[1:] if arguments is None else arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _fail(" ".join(str(error).split()), UsageError.exit_code)
    except LengthwiseError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    return 0


def _fail(sentence: str, exit_code: int) -> int:
    print(f"lengthwise: {sentence}", file=sys.stderr)
    return exit_code
