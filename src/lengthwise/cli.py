"""The command line: the list of commands, and the one place where errors become a line and an exit code.

Each command is a function in `lengthwise.commands`, imported only when it is called, so that ``--help`` is quick.
"""

import io
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from lengthwise._internal.printable import printable
from lengthwise._version import __version__
from lengthwise.commands.conversion import to_value
from lengthwise.commands.summaries import COMMANDS, summary
from lengthwise.errors import LengthwiseError, LengthwiseWarning, UsageError

app = App(
    name="lengthwise",
    help="How long must a training sequence be? Train recurrent networks on windows of any length.",
    version=__version__,
    help_format="plaintext",
    help_epilogue="Every command takes --config FILE, which holds defaults of its options; see lengthwise config.",
    default_parameter=Parameter(negative=(), converter=to_value),
    suppress_keyboard_interrupt=False,
)
for name in COMMANDS:
    app.command(f"lengthwise.commands.{name}:{name}", help=summary(name))
app.register_install_completion_command(help="Install completion of commands and options for your shell.")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

    Parameters
    ----------
    arguments : list of str, optional
        What follows the program's name; the process's own arguments by default.
    """
    _open_what_is_closed()
    _write_what_the_terminal_can()
    warnings.formatwarning = _format_warning
    # A name in a picture may have signs that the picture's font lacks: they are boxes there.
    warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
    try:
        words, file = _without_config(sys.argv[1:] if arguments is None else arguments)
        app.config = lambda *place: _set_defaults(file, *place)
        app(
            words,
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
        print(printable(f"lengthwise: {' '.join(sentence.split())}"), file=sys.stderr)
        return exit_code
    return 0


def _without_config(words: list[str]) -> tuple[list[str], Path | None]:
    """Return the command line without ``--config FILE``, and the file; the command ``config`` takes it itself."""
    rest, file = [], None
    remaining = iter(words)
    for word in remaining:
        name, equals, value = word.partition("=")
        if name != "--config" or words[0] == "config":
            rest.append(word)
            continue
        given = value if equals else next(remaining, None)
        if not given:
            raise UsageError("--config needs the name of a file.")
        file = Path(given)
    return rest, file


def _set_defaults(file: Path | None, *place: Any) -> None:
    """Set the arguments of a command that were not given to the values in a file."""
    from lengthwise.commands.configuration import find_configuration  # noqa: PLC0415 - heavy, and --help does without

    find_configuration(file)(*place)


def _explain(error: BaseException) -> tuple[str, int]:
    """Return a sentence that explains an error, and the exit code."""
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


def _open_what_is_closed() -> None:
    """Open standard streams that are closed, as after ``>&-``: the next file would take their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - to the end of the process


def _write_what_the_terminal_can() -> None:
    """Print a question mark for each character that the terminal's encoding lacks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


_format_others = warnings.formatwarning


def _format_warning(message: Warning | str, category: type[Warning], *place: Any, **line: Any) -> str:
    """Return the text of a warning: one line if it is ours, and as Python writes it otherwise."""
    if issubclass(category, LengthwiseWarning):
        return printable(f"lengthwise: {' '.join(str(message).split())}\n")
    return _format_others(message, category, *place, **line)
