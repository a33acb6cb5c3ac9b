"""The program as its users run it: in a process of its own."""

import os
import subprocess
import sys
import time

LONGEST = 600
"""Seconds after which a process is taken to hang: more than any needs, also on a busy machine with all to compile."""


def environment(**changes):
    """Return this process's environment with some variables changed, or removed where None."""
    merged = os.environ | {"COLUMNS": "200"} | changes
    return {name: value for name, value in merged.items() if value is not None}


def lengthwise(*arguments, cwd=None, **options):
    """Run a command to its end; its output and exit code."""
    options = {"capture_output": True, "text": True, "timeout": LONGEST, "env": environment()} | options
    return subprocess.run([sys.executable, "-m", "lengthwise", *map(str, arguments)], cwd=cwd, check=False, **options)


def started(*arguments, **options):
    """Start a command."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment()} | options
    return subprocess.Popen([sys.executable, "-m", "lengthwise", *map(str, arguments)], **options)


def wait_until(condition, process, seconds=LONGEST):
    """Wait until a condition holds, while the process runs."""
    end = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            raise AssertionError(f"the process ended with {process.returncode}: {process.communicate()}")
        if time.monotonic() > end:
            process.kill()
            raise AssertionError(f"nothing after {seconds} s: {process.communicate()}")
        time.sleep(0.01)


def error_line(result, exit_code):
    """Return the one line that a failed command wrote to stderr."""
    assert result.returncode == exit_code, (result.stdout, result.stderr)
    assert result.stderr.startswith("lengthwise: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith("\n")
    return result.stderr.removeprefix("lengthwise: ").strip()
