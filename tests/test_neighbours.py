"""The programs of the page on other libraries run, and print what is shown."""

import ast
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.test_documentation import FENCE, ROOT, pattern

PAGE = ROOT / "docs" / "neighbours.md"
LINES = 40
"""More would not be an example."""

OTHERS = ("darts",)
"""Libraries that are not in the tests' extra."""


def programs() -> list[tuple[str, str, str]]:
    """Return the programs with the heading that they stand under, and what is shown of their output."""
    found = []
    blocks = [(match.group(1), match.group(2), match.start()) for match in FENCE.finditer(PAGE.read_text())]
    headings = [(match.start(), match.group(1)) for match in re.finditer(r"^## (.*)$", PAGE.read_text(), re.MULTILINE)]
    for (kind, body, place), (shown, output, _) in pairwise(blocks):
        if kind in ("python", "sh") and shown == "text":
            heading = [title for at, title in headings if at < place][-1]
            found.append((heading, body, output))
    return found


def modules_of(program: str) -> set[str]:
    """Return the packages that a program imports."""
    nodes = list(ast.walk(ast.parse(program)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


PYTHON = [one for one in programs() if one[0] != "A shell script"]


@pytest.mark.parametrize(("heading", "program", "shown"), PYTHON, ids=[heading for heading, *_ in PYTHON])
def test_a_program_is_short_and_prints_what_is_shown(heading: str, program: str, shown: str, tmp_path: Path) -> None:
    assert sum(1 for line in program.splitlines() if line.strip()) < LINES, heading
    for module in modules_of(program) & {*OTHERS}:
        pytest.importorskip(module)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(pattern(shown), done.stdout), f"{done.stdout}\ninstead of\n{shown}"


def test_a_study_carries_out_the_shell_script(tmp_path: Path) -> None:
    ((_, script, shown),) = [one for one in programs() if one[0] == "A shell script"]
    (tmp_path / "train.sh").write_text(script)
    command, _, output = shown.partition("\n")
    arguments = re.fullmatch(r"\$ lengthwise study --command '(.*)' (.*)", command)
    assert arguments
    done = subprocess.run(
        [sys.executable, "-m", "lengthwise", "study", "--command", arguments[1], *arguments[2].split()],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert re.fullmatch(pattern(output), done.stdout), f"{done.stdout}\ninstead of\n{output}"
