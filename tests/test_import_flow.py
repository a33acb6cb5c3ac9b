"""Modules import from what comes before them, and nothing imports what stands on top of it."""

import ast
from pathlib import Path

import pytest

import lengthwise

PACKAGE = Path(lengthwise.__file__).parent

FLOW = (
    "_version",
    "errors",
    "_internal",
    "data",
    "windows",
    "evaluation_windows",
    "lengths",
    "tasks",
    "engine",
    "networks",
    "training",
    "exchange",
    "torch",
    "analysis",
    "study",
    "results",
    "integrations",
    "plots",
    "report",
    "estimators",
    "callbacks",  # the public names of callbacks and events, of whatever room
    "events",
    "commands",
    "cli",
    "__main__",
)
"""The rooms of the package: each imports from those before it."""

ROOM = {name: row for row, name in enumerate(FLOW)}

MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(module):
    return module.parts[0].removesuffix(".py")


def imported_by(module):
    """Names of the package's modules that one imports, without `lengthwise.`, wherever in the file."""
    for node in ast.walk(ast.parse((PACKAGE / module).read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            names = [_target(node.module, alias.name) for alias in node.names]
        else:
            continue
        yield from (name.removeprefix("lengthwise.") for name in names if name.startswith("lengthwise."))


def _target(module, name):
    """Return the module that ``from module import name`` is about: `name` itself may be one."""
    place = PACKAGE.joinpath(*module.split(".")[1:])
    is_module = module.startswith("lengthwise") and ((place / name).is_dir() or (place / f"{name}.py").is_file())
    return f"{module}.{name}" if is_module else module


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_from_before_it(module):
    for name in imported_by(module):
        room = name.split(".")[0]
        assert room in ROOM, f"{room} has no place in the flow: give it one"
        assert ROOM[room] <= ROOM[room_of(module)], f"{module} imports {name}, which comes after it"


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_has_its_place_in_the_flow(module):
    assert room_of(module) in ROOM


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module) == "engine"], ids=str)
def test_the_engine_knows_nothing_of_files_progress_bars_and_tensorboard(module):
    text = (PACKAGE / module).read_text()
    names = {name.split(".")[0] for name in imported_by(module)}
    assert names <= {"engine", "windows", "errors"}
    for library in ("rich", "tensorboard", "safetensors", "cyclopts", "matplotlib"):
        assert f"import {library}" not in text
        assert f"from {library}" not in text


@pytest.mark.parametrize("module", [module for module in MODULES if module.parts[:2] == ("engine", "torch")], ids=str)
def test_the_engine_torch_imports_nothing_of_the_engine_simd(module):
    assert not [name for name in imported_by(module) if name.startswith("engine.simd")]


def test_modules_of_one_room_import_each_other_in_one_direction():
    """No two modules need each other, at any distance."""
    needs = {".".join(module.with_suffix("").parts): set(imported_by(module)) for module in MODULES}
    names = {name.removesuffix(".__init__"): wanted for name, wanted in needs.items()}
    done = set()

    def visit(name, path):
        assert name not in path, " -> ".join([*path, name])
        if name in names and name not in done:
            for wanted in names[name]:
                target = wanted if wanted in names else wanted.rpartition(".")[0]
                if target != name:
                    visit(target, [*path, name])
            done.add(name)

    for name in names:
        visit(name, [])
