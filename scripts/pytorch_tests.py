"""PyTorch's own tests of recurrent layers, with its classes and with `lengthwise.torch`'s in their place.

    scripts/pytorch-tests SOURCES [TEST FILES]

SOURCES is the folder of PyTorch's source code, of the installed version or a near one: the tests are not part of its
package. They need pytest and expecttest; a file that the installed version cannot import is named and left out. Both
runs have the same tests, and the exit code is 1 if one that passes with PyTorch's classes does not with ours.

pytest loads this file as a plugin as well, and the classes are replaced before any test is imported.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

FILES = (
    "test_nn.py",
    "test_modules.py",
    "test_expanded_weights.py",
    "test_jit.py",
    "test_autograd.py",
    "test_mkldnn.py",
    "test_overrides.py",
    "nn/test_packed_sequence.py",
    "nn/test_pruning.py",
    "quantization/eager/test_quantize_eager_ptq.py",
    "quantization/eager/test_numeric_suite_eager.py",
    "quantization/fx/test_quantize_fx.py",
    "quantization/jit/test_deprecated_jit_quant.py",
    "quantization/core/test_quantized_module.py",
    "jit/test_models.py",
)
"""Files of PyTorch's folder ``test`` that contain such tests."""

NAMES = "rnn or lstm or gru or sequence"
REPLACE = "LENGTHWISE_REPLACES_TORCH_NN"
"""The variable of the environment that tells the plugin to replace the classes."""


def pytest_configure() -> None:
    """Put our classes into the place of PyTorch's, when pytest has loaded this file."""
    if REPLACE not in os.environ:
        return
    import torch  # noqa: PLC0415

    import lengthwise.torch  # noqa: PLC0415

    for name in ("RNN", "GRU", "LSTM"):
        for module in (torch.nn, torch.nn.modules, torch.nn.modules.rnn):
            setattr(module, name, getattr(lengthwise.torch, name))


def outcomes(sources: Path, file: str, *, replace: bool) -> dict[str, str]:
    """Run the tests of a file and return what came of each: passed, failed or skipped."""
    folder = sources / "test"
    environment = {name: value for name, value in os.environ.items() if name != REPLACE}
    environment |= {REPLACE: "1"} if replace else {}
    paths = [str(Path(__file__).resolve().parent), str(folder), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-k", NAMES, "-p", "pytorch_tests"]
    command += ["-c", os.devnull, "--noconftest", "-p", "no:cacheprovider"]  # PyTorch's are for another pytest
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        command += ["--junitxml", str(report), file]
        ended = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)  # noqa: S603
        if ended.returncode not in (0, 1, 5):  # passed, failed, or had no such test
            print(f"{file} could not be run:\n{ended.stdout[-1500:]}{ended.stderr[-1500:]}", flush=True)
            return {}
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314
    return {f"{file} {case.get('classname')} {case.get('name')}": outcome(case) for case in cases}


def outcome(case: ET.Element) -> str:
    """Return what came of a test."""
    tags = {child.tag for child in case}
    return "failed" if tags & {"failure", "error"} else "skipped" if "skipped" in tags else "passed"


def main() -> int:
    """Run the tests twice, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, help="the folder of PyTorch's source code")
    parser.add_argument("files", nargs="*", help="files of its folder test (default: those that test recurrent layers)")
    arguments = parser.parse_args()
    folder = arguments.sources / "test"
    if not folder.is_dir():
        parser.error(f"{arguments.sources} has no folder test: give the folder of PyTorch's source code")
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    worse = 0
    for file in arguments.files or [file for file in FILES if (folder / file).exists()]:
        theirs, ours = (outcomes(arguments.sources, file, replace=replace) for replace in (False, True))
        for name, expected in theirs.items():
            if expected == "passed" != ours.get(name):
                worse += 1
                print(f"{ours.get(name, 'missing')}: {name}", flush=True)
        for count, found in zip(counts, (theirs, ours), strict=True):
            count.update(found.values())
        print(f"{file}: {sum(what == 'passed' for what in ours.values())} passed", flush=True)
    for classes, count in zip(("torch.nn", "lengthwise.torch"), counts, strict=True):
        print(f"{classes}: {count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    print(f"{worse} of those that pass with torch.nn's classes do not with lengthwise.torch's")
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main())
