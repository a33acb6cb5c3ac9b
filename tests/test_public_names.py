"""The public names: one list in the package, on the page of the reference, and in the code."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import lengthwise

ROOT = Path(__file__).parents[1]
MODULES = ("analysis", "callbacks", "estimators", "events", "plots", "torch")


def public():
    """Return every public object by its name; what is public in two places has the shorter name."""
    names = [f"lengthwise.{name}" for name in lengthwise.__all__ if name not in MODULES]
    names += [f"lengthwise.{module}.{name}" for module in MODULES for name in getattr(lengthwise, module).__all__]
    found = {}
    for name in names:
        home, _, last = name.rpartition(".")
        found.setdefault(id(getattr(import_module(home), last)), name)
    return sorted(found.values())


def names_for_type_checkers(path):
    """Return what a package imports for type checkers alone, as its names and their modules."""
    (block,) = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.If)]
    assert all(isinstance(node, ast.ImportFrom) and node.names[0].name == node.names[0].asname for node in block.body)
    return [(node.module, node.names[0].name) for node in block.body]


@pytest.mark.parametrize("package", ["lengthwise", "lengthwise.plots"])
def test_type_checkers_see_the_names_that_are_there(package):
    module = import_module(package)
    homes = [(f"{package}.{home}", name) for home, names in module._HOMES.items() for name in names]
    modules = [(package, name) for name in getattr(module, "_MODULES", ())]
    assert sorted(names_for_type_checkers(Path(module.__file__))) == sorted(modules + homes)
    assert sorted(module.__all__) == dir(module) == sorted(name for _, name in modules + homes)


def test_the_public_modules_are_those_that_the_docstring_names():
    assert lengthwise._MODULES == MODULES
    assert tuple(re.findall(r"`lengthwise\.(\w+)`", lengthwise.__doc__)) == MODULES


def test_the_reference_has_every_public_name_and_no_other():
    page = (ROOT / "docs" / "reference" / "python.md").read_text()
    assert sorted(re.findall(r"^::: (\S+)$", page, re.MULTILINE)) == public()


@pytest.mark.parametrize("name", public())
def test_every_public_name_is_documented(name):
    home, _, last = name.rpartition(".")
    found = getattr(import_module(home), last)
    assert found.__doc__
    assert found.__doc__.strip()


@pytest.mark.parametrize("module", MODULES)
def test_public_modules_are_there_without_a_second_import(module):
    code = f"import lengthwise; print(lengthwise.{module}.__all__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout) == list(getattr(lengthwise, module).__all__)


def test_a_name_that_is_none_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'lengthwise' has no attribute 'nonsense'"):
        lengthwise.nonsense  # noqa: B018 - asked for
