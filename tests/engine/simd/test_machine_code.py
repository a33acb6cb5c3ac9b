"""A damaged cache of machine code costs a compilation, and nothing is loaded that another user or compiler made."""

import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest

import lengthwise.engine
from lengthwise.engine.simd.arguments import packed
from lengthwise.engine.simd.compilation import program as as_program
from lengthwise.engine.simd.machine_code import CodeFiles, fingerprint
from lengthwise.errors import LengthwiseWarning, RunError
from tests.engine.processes import begin, result

ENGINE = Path(lengthwise.engine.__file__).parent
MODULE = "tests.engine.simd.small_program"
COMPILED, LOADED = [1, [0, 2, 4]], [0, [0, 2, 4]]


def zeroed(content):
    return bytes(len(content))


def cut_off(content):
    return content[: len(content) // 2]


def emptied(_content):
    return b""


def flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def overwritten(content):
    return content[:-4096] + np.random.default_rng(5).bytes(4096)


def lengthened(content):
    return content + b"\0"


DAMAGES = {
    "int8": zeroed, "int16": cut_off, "int32": emptied, "int64": flipped, "float32": overwritten, "float64": lengthened,
}  # fmt: skip


def code_files(folder):
    return sorted(folder.rglob("*.code"))


def errors_and_result(process):
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return errors, output


def test_code_that_is_damaged_is_compiled_anew_and_the_next_process_loads_it(tmp_path):
    assert result(begin(*DAMAGES, module=MODULE, NUMBA_CACHE_DIR=str(tmp_path))) == dict.fromkeys(DAMAGES, COMPILED)
    files = code_files(tmp_path)
    assert len(files) == len(DAMAGES)
    for path, damage in zip(files, DAMAGES.values(), strict=True):
        path.write_bytes(damage(path.read_bytes()))

    process = begin(*DAMAGES, module=MODULE, NUMBA_CACHE_DIR=str(tmp_path))
    errors, _ = errors_and_result(process)
    for path in files:
        assert errors.count(f"the machine code in {path} cannot be loaded, and is compiled anew: it is damaged.") == 1

    assert result(begin(*DAMAGES, module=MODULE, NUMBA_CACHE_DIR=str(tmp_path))) == dict.fromkeys(DAMAGES, LOADED)


def double(values):
    for i in range(len(values)):
        values[i] += values[i]


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.setattr("lengthwise.engine.simd.compilation.CACHE_FOLDER", tmp_path)
    return lambda: as_program(double)


def compilations(program):
    """How often a program is compiled until it has doubled some numbers."""
    values, notices = np.arange(3, dtype=np.int16), []
    program.prepare(values, on_compile=lambda: notices.append(1))
    program(values)
    assert values.tolist() == [0, 2, 4]
    return len(notices)


def test_the_code_of_one_program_is_not_loaded_as_that_of_another(program, tmp_path):
    compilations(program())
    values = np.arange(3, dtype=np.int32)
    program().prepare(values, on_compile=lambda: None)
    first, second = code_files(tmp_path)
    contents = first.read_bytes(), second.read_bytes()
    first.write_bytes(contents[1])
    second.write_bytes(contents[0])
    with pytest.warns(LengthwiseWarning, match="is damaged"):
        assert compilations(program()) == 1


def test_what_verifies_and_cannot_be_loaded_is_compiled_anew(program):
    first = program()
    compilations(first)
    types, _ = packed((np.arange(3, dtype=np.int16),))
    first._files.save(types, b"nonsense")
    with pytest.warns(LengthwiseWarning, match=r"cannot be loaded, and is compiled anew"):
        assert compilations(program()) == 1
    assert compilations(program()) == 0


def test_a_program_in_another_file_or_with_other_source_has_code_of_its_own(tmp_path):
    source = tmp_path / "own.py"
    stamps = []
    for body in ("values[0] += 1", "values[0] += 2"):
        source.write_text(f"def double(values):\n    {body}\n")
        space: dict = {"__name__": "own"}
        exec(compile(source.read_text(), str(source), "exec"), space)
        stamps.append(as_program(space["double"])._identity)
    assert len({*stamps, as_program(double)._identity}) == 3


def test_code_of_another_compiler_is_not_loaded_from_the_very_file(tmp_path):
    ours, theirs = CodeFiles(tmp_path, "double", "tests"), CodeFiles(tmp_path, "double", "tests", maker="numba 0.1")
    theirs.save("int16", b"their code")
    assert theirs.load("int16") == b"their code"
    assert ours.load("int16") is None
    theirs.path("int16").rename(ours.path("int16"))
    with pytest.raises(RunError, match="damaged"):
        ours.load("int16")


def test_code_is_found_under_the_names_of_its_module_and_source(tmp_path):
    CodeFiles(tmp_path, "step-12.py311", "__main__ 17").save("int16", b"code")
    for other in ("benchmarks.step 17", "__main__ 18"):
        assert CodeFiles(tmp_path, "step-12.py311", other).load("int16") is None
    assert CodeFiles(tmp_path, "step-12.py311", "__main__ 17").load("int16") == b"code"


def test_a_cache_that_cannot_be_written_costs_a_compilation_and_a_line(program, tmp_path):
    compilations(program())
    (file,) = code_files(tmp_path)
    file.unlink()
    file.mkdir()  # not even the superuser can write it
    with pytest.warns(LengthwiseWarning) as lines:
        assert compilations(program()) == 1
    assert [str(line.message).split(",")[0] for line in lines] == [
        f"the machine code in {file} cannot be loaded",
        "the machine code is not kept",
    ]


def used_folder(tmp_path, **environment):
    """What a process with this cache compiles, the folders that it was kept in, and its stderr."""
    elsewhere = {"XDG_CACHE_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)}
    errors, output = errors_and_result(begin("int8", module=MODULE, **(elsewhere | environment)))
    assert output == '{"int8": [1, [0, 2, 4]]}\n'
    return {path.relative_to(tmp_path).parts[0] for path in code_files(tmp_path)}, errors


def test_a_folder_is_made_for_this_user_alone(tmp_path):
    before = os.umask(0)
    try:
        used, errors = used_folder(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "cache"))
    finally:
        os.umask(before)
    assert used == {"cache"}
    assert errors == ""
    for folder in (tmp_path / "cache", *(tmp_path / "cache").iterdir()):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_can_write_is_refused_with_a_line(tmp_path, mode):
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(mode)
    used, errors = used_folder(tmp_path, NUMBA_CACHE_DIR=str(cache))
    assert used == {"home"}
    assert (
        f"the machine code in {cache} is not used, and is compiled elsewhere: others can write {cache} "
        f"(mode {mode:o}), and what lies there is run. Take that right from others (chmod -R go-w {cache}), or set "
        f"NUMBA_CACHE_DIR to another folder.\n"
    ) in errors


def test_a_sticky_folder_may_hold_one_that_is_ours(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o1777)
    assert used_folder(tmp_path, NUMBA_CACHE_DIR=str(cache)) == ({"cache"}, "")
    (ours,) = cache.iterdir()
    for file in code_files(cache):
        file.unlink()
    ours.chmod(0o1777)
    used, errors = used_folder(tmp_path, NUMBA_CACHE_DIR=str(cache))
    assert used == {"home"}
    assert f"others can write {ours} (mode 1777)" in errors


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a folder away")
def test_a_folder_of_another_user_is_refused_with_a_line(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o755)
    os.chown(cache, 12345, 12345)
    used, errors = used_folder(tmp_path, NUMBA_CACHE_DIR=str(cache))
    assert used == {"home"}
    assert f"{cache} belongs to another user" in errors


@pytest.fixture
def copy(tmp_path):
    """A copy of the engine's sources."""
    return Path(shutil.copytree(ENGINE, tmp_path / "engine", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.mark.parametrize("name", ["protocol.py", "simd/step.py", "simd/cells/gru.py", "simd/vectors/emit.py"])
def test_what_kernels_are_made_of_has_its_part_in_the_fingerprint(copy, name):
    before = fingerprint(copy)
    (copy / name).write_text((copy / name).read_text() + "\n")
    assert before == fingerprint(ENGINE) != fingerprint(copy)


def test_a_further_file_of_kernels_has_its_part_in_the_fingerprint(copy):
    (copy / "simd" / "cells" / "new.py").touch()
    assert fingerprint(copy) != fingerprint(ENGINE)


@pytest.mark.parametrize("name", ["torch/engine.py", "torch/losses.py", "README.md"])
def test_what_is_not_compiled_has_none(copy, name):
    (copy / name).write_text((copy / name).read_text() + "\n")
    assert fingerprint(copy) == fingerprint(ENGINE)
