"""What each command does, in one sentence, without importing the command."""

import ast
from pathlib import Path

COMMANDS = ("study", "decide", "report", "serve", "train", "evaluate", "export", "show", "data", "layouts", "config")
"""The commands, each in the file of its name, in the order of the reference."""


def summary(command: str) -> str:
    """Return the first line of a command's docstring, or of its file's where it has commands of its own.

    >>> summary("train")
    'Train a network on windows of a data set, and evaluate it on every window of the test split.'
    """
    module = ast.parse(Path(__file__).with_name(f"{command}.py").read_bytes())
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == command]
    text = ast.get_docstring(functions[0] if functions else module) or ""
    return text.partition("\n")[0]
