"""A small program, prepared for arrays of some types in a process of its own; prints what came out as JSON.

``{type: [how often it was compiled, the numbers that it made]}``. Arguments: names of types.
"""

import json
import sys

import numpy as np

from lengthwise.engine.simd.compilation import program


@program
def double(values):
    for i in range(len(values)):
        values[i] += values[i]


def main(types):
    found = {}
    for kind in types:
        values, notices = np.arange(3).astype(kind), []
        double.prepare(values, on_compile=lambda notices=notices: notices.append(1))
        double(values)
        found[kind] = [len(notices), values.tolist()]
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
