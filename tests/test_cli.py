"""The program as a whole: what it loads, what it prints, and how it ends where things are not as at home."""

import inspect
import os
import re
import subprocess
import sys
from importlib import import_module

import pytest
from cyclopts import App

import lengthwise
from lengthwise.commands.summaries import COMMANDS, summary
from tests.processes import environment
from tests.processes import lengthwise as command

HEAVY = ("numba", "llvmlite", "numpy", "matplotlib", "torch", "ray", "pandas", "tensorboard", "safetensors", "rich")


def loaded_after(program):
    """Run a program and return which of the heavy packages it loaded."""
    program += f"\nimport sys; print('loaded', *[name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return result.stdout.splitlines()[-1].split()[1:]


def after_command(*arguments):
    return f"""
from lengthwise.cli import main
try:
    main({list(arguments)!r})
except SystemExit:
    pass
"""


@pytest.mark.parametrize("argument", ["--help", "--version", "-h"])
def test_help_and_version_load_nothing_heavy(argument):
    assert set(loaded_after(after_command(argument))) <= {"rich"}


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import lengthwise") == []


@pytest.mark.parametrize(
    "program",
    [
        after_command("train", "--help"),
        after_command("study", "--help"),
        "import lengthwise.training.settings",
        "import lengthwise.estimators",
        "import lengthwise.engine.protocol",
    ],
    ids=["train --help", "study --help", "settings", "estimators", "protocol"],
)
def test_what_computes_and_draws_nothing_loads_neither_the_compiler_nor_matplotlib(program):
    assert not {"numba", "llvmlite", "matplotlib", "torch"} & set(loaded_after(program))


def test_training_from_python_loads_neither_other_frameworks_nor_plots_nor_what_tables_need():
    names = loaded_after("import lengthwise as lw; lw.train, lw.resume, lw.evaluate; lw.load_data('mnist')")
    assert not {"torch", "ray", "matplotlib", "pandas"} & set(names)


SLOW = ("numba", "pandas", "scipy", "sklearn", "torch", "matplotlib", "tensorboard")
SHOW = f"import sys; print(len(sys.modules), *[name for name in {SLOW!r} if name in sys.modules], flush=True)"


def counted_and_named(program):
    """How many modules a program has loaded where it runs `SHOW`, and which of those that take long to load."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    count, *names = done.stdout.splitlines()[-1].split()
    return int(count), names


# What is loaded is what a person waits for before the first step; the compiler alone would be over 400 modules more.
# The numbers, 824 and 670 where all that we import is new, have some room for other versions.


def test_a_training_with_machine_code_in_the_cache_loads_few_modules(tmp_path):
    for run in ("first", "second"):  # of which the first may have to compile
        train = after_command("train", "--data", "digits", "--steps", "1", "--out", str(tmp_path / run))
        count, names = counted_and_named(f"{train}\n{SHOW}")
    assert names == ["tensorboard"]  # which writes what it measures
    assert count < 900


def test_a_study_with_machine_code_in_the_cache_has_loaded_few_modules_when_its_first_pilot_begins(tmp_path):
    for run in ("first", "second"):
        # What its answer needs is imported from then on, in a thread: here the program ends instead.
        program = f"""
from contextlib import contextmanager
import lengthwise.commands.study as command
imported_meanwhile = command.imported_meanwhile
@contextmanager
def watched(*modules):
    def show():
        {SHOW}
        raise SystemExit
    with imported_meanwhile(*modules):
        yield show
command.imported_meanwhile = watched
from lengthwise.cli import main
main(["study", "--data", "digits", "--out", {str(tmp_path / run)!r}])
"""
        count, names = counted_and_named(program)
    assert names == []
    assert count < 740


def test_a_study_begins_without_what_its_answer_needs():
    program = "import lengthwise.commands.study, sys; print('scipy' in sys.modules)"
    assert "pandas" not in loaded_after(program)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_tensorboard_is_loaded_only_where_it_writes(small_folder, tmp_path):
    program = f"""
import lengthwise, lengthwise.callbacks, lengthwise.commands.study, lengthwise.estimators
options = dict(seq_len=5, batch_size=16, steps=2, quiet=True)
lengthwise.train({str(small_folder)!r}, **options)
"""
    assert "tensorboard" not in loaded_after(program)
    writing = f"{program}lengthwise.train({str(small_folder)!r}, out={str(tmp_path / 'run')!r}, **options)"
    assert "tensorboard" in loaded_after(writing)


def test_every_public_name_can_be_had():
    assert {"train", "resume", "evaluate", "load_data", "Settings", "Network", "Result"} <= set(lengthwise.__all__)
    for name in lengthwise.__all__:
        assert getattr(lengthwise, name) is not None


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'lengthwise' has no attribute 'tarin'"):
        lengthwise.tarin  # noqa: B018


def test_the_version_is_the_packages():
    result = command("--version")
    assert (result.returncode, result.stdout) == (0, f"{lengthwise.__version__}\n")


def test_help_lists_the_commands():
    result = command("--help")
    assert result.returncode == 0
    assert {"train", "evaluate", "show", "layouts"} <= set(re.findall(r"^\W*([a-z]+) ", result.stdout, re.MULTILINE))


@pytest.mark.parametrize("name", ["train", "evaluate", "show", "layouts"])
def test_every_command_explains_its_options(name):
    result = command(name, "--help")
    assert result.returncode == 0
    assert "--data" in result.stdout
    assert "--no-" not in result.stdout


def test_help_has_the_summary_of_every_command():
    rows = command("--help", env=environment(COLUMNS="300")).stdout.splitlines()
    for name in COMMANDS:
        assert [row for row in rows if row.split()[1:2] == [name] and summary(name) in row]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_of_a_command_is_the_first_line_of_its_own_help(name):
    own = getattr(import_module(f"lengthwise.commands.{name}"), name)
    assert (own.help if isinstance(own, App) else inspect.getdoc(own).partition("\n")[0]) == summary(name)
    assert summary(name).endswith(".")


def test_the_help_of_train_has_the_defaults():
    text = " ".join(command("train", "--help").stdout.split())
    for words in ("--seq-len", "[default: 19]", "[default: 31]", "[default: 0.001]", "[default: blocks]"):
        assert words in text


@pytest.mark.parametrize("arguments", [["layouts"], ["show"], ["--help"], ["train", "--help"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_traceback(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        result = command(*arguments, capture_output=False, stdout=closed, stderr=subprocess.PIPE)
    assert result.stderr == ""
    assert result.returncode in (0, 1)


def test_an_encoding_without_our_characters_is_no_failure(small_folder, tmp_path):
    options = ["--data", small_folder, "--seq-len", "5", "--batch-size", "16", "--out", tmp_path / "run"]
    result = command("train", *options, env=environment(PYTHONIOENCODING="ascii"))
    assert result.returncode == 0, result.stderr
    assert "    0 ? 3  " in result.stdout


def test_a_home_that_cannot_be_written_is_no_failure(tmp_path):
    """A file in place of the home folder: not even the superuser can write into it."""
    (tmp_path / "home").touch()
    places = dict.fromkeys(("XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "XDG_CONFIG_HOME"))
    homeless = environment(HOME=str(tmp_path / "home"), TMPDIR=str(tmp_path), **places)
    program = "from lengthwise.engine.simd.compilation import CACHE_FOLDER; print(CACHE_FOLDER)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=homeless
    )  # fmt: skip
    assert result.stdout.startswith(f"{tmp_path}/lengthwise-")
    shown = command("show", "--out", tmp_path / "picture.png", env=homeless)
    assert shown.returncode == 0
    assert (tmp_path / "picture.png").exists()


def test_ctrl_c_before_there_is_a_run_is_no_traceback():
    program = """
import os, signal
import lengthwise.data
def load_data(data):
    os.kill(os.getpid(), signal.SIGINT)
lengthwise.data.load_data = load_data
from lengthwise.cli import main
raise SystemExit(main(["layouts"]))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (130, "lengthwise: interrupted\n")


def test_a_warning_of_ours_is_one_line_and_others_are_as_python_writes_them():
    program = """
import warnings
from lengthwise.cli import main
from lengthwise.errors import LengthwiseWarning
main(["layouts"])
warnings.warn("the machine code\\nis damaged.", LengthwiseWarning)
warnings.warn("of a library")
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stderr.splitlines()[0] == "lengthwise: the machine code is damaged."
    assert "UserWarning: of a library" in result.stderr.splitlines()[1]


def test_a_command_runs_where_the_standard_streams_are_closed():
    script = f"{sys.executable} -m lengthwise config show train >&- 2>&- <&-"
    assert subprocess.run(["sh", "-c", script], check=False, env=environment()).returncode == 0
