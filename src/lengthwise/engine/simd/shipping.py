"""Makes the object code that a wheel ships: ``python -m lengthwise.engine.simd.shipping``.

For every kind of processor of this machine's architecture a process of its own compiles all programs, and writes them
into the folder of `lengthwise.engine.simd.shipped`, compressed.
"""

import lzma
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from lengthwise.engine.protocol import LOSS_KINDS, Data, Sizes, data_of
from lengthwise.engine.simd.arguments import packed
from lengthwise.engine.simd.compilation import Program
from lengthwise.engine.simd.engine import SimdEngine
from lengthwise.engine.simd.host import architecture
from lengthwise.engine.simd.shipped import FOLDER, KINDS, Kind, code_path

CELLS = ("rnn", "gru", "lstm")
"""The cells whose code is shipped: the default, what a study tries, and the other one that is common."""

TYPES = tuple(product(LOSS_KINDS, ("float32", "uint8")))
"""The losses, and the types of the values that they are used with: of bytes, too, there is every kind of target."""


def example_data(loss: str, values: str) -> Data:
    """Return data of the types that a loss takes."""
    kind = LOSS_KINDS[loss]
    targets = np.zeros((1, 1), np.float32) if kind.numbers else np.zeros((1, 1) if kind.every_step else 1, np.int64)
    return data_of(np.zeros((1, 1, 1), values), targets)


def shipped_programs() -> Iterator[tuple[Program, tuple[Any, ...]]]:
    """Yield every program that is shipped, with example arguments."""
    for cell, (loss, values) in product(CELLS, TYPES):
        with SimdEngine(cell, Sizes(F=1, H=1, L=1, O=1, s=1), batch_size=1, threads=1, loss=loss) as engine:
            yield from engine.programs(example_data(loss, values))


def processor(kind: Kind) -> dict[str, str]:
    """Return the variables of the environment by which a process compiles for a kind of processors."""
    features = ",".join(f"+{feature}" for feature in sorted(kind.features))
    return {"NUMBA_CPU_NAME": kind.name, "NUMBA_CPU_FEATURES": features}


def ship() -> None:
    """Write the object code of all programs for the processor that ``NUMBA_CPU_NAME`` names."""
    from lengthwise.engine.simd.entry import object_code  # noqa: PLC0415 - loads Numba

    FOLDER.mkdir(exist_ok=True)
    for program, arguments in shipped_programs():
        types, _ = packed(arguments)
        code = object_code(program.function, arguments)
        code_path(program.name, types).write_bytes(lzma.compress(code, preset=9))


def main() -> None:
    """Make the code of every kind."""
    for kind in (kind for kind in KINDS.values() if kind.architecture == architecture()):
        own = [sys.executable, "-c", f"from {__spec__.name} import ship; ship()"]
        subprocess.run(own, env=os.environ | processor(kind), check=True)  # noqa: S603 - this program
        print(f"{kind.name}: {sum(file.stat().st_size for file in FOLDER.iterdir()):,} bytes of object code so far")


if __name__ == "__main__":
    main()
