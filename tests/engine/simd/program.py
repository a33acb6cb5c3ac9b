"""A small training in a process of its own; prints what came out as JSON.

``{"lanes": …, "compilations": how many programs were compiled, "first": how many of them to train, "loss": …, "digest":
of all bits of the gradients, and of the parameters after some updates, "error": the largest difference of the gradient
from the naive network's, relative to the largest gradient}``. Arguments: cells.
"""

import hashlib
import json
import sys

import numpy as np

from lengthwise.engine.protocol import ADAM, Optimizer
from lengthwise.engine.simd.host import VECTOR_SHAPE
from tests.engine.problems import make_problem

SIZES = (
    {},
    {"input_size": 28, "hidden_size": 31, "num_layers": 3, "seq_len": 19, "num_steps": 28, "batch_size": 128},
    {"input_size": 1, "hidden_size": 17, "num_outputs": 3, "batch_size": 33, "bidirectional": True, "dropout": 0.2},
)


def main(cells):
    notices, first, digest, errors = [], [], hashlib.sha256(), []
    for cell in cells:
        for sizes in SIZES:
            problem = make_problem(cell=cell, **sizes)
            with problem.engine() as engine:
                engine.prepare(problem.data, phases=("train",), on_compile=lambda: first.append(1))
                engine.prepare(problem.data, on_compile=lambda: notices.append(1))
                loss, gradient = engine.gradient(problem.parameters, problem.data, problem.windows)
                state = problem.state()
                for update in range(3):
                    engine.train(state, update, problem.data, problem.windows, Optimizer(ADAM, lr=0.01, clip_norm=1.0))
            _, expected = problem.expected()
            errors.append(float(np.abs(gradient - expected).max() / np.abs(expected).max()))
            digest.update(gradient.tobytes() + state.parameters.tobytes())
    result = {
        "lanes": VECTOR_SHAPE.lanes,
        "compilations": len(first + notices),
        "first": len(first),
        "loss": loss,
        "digest": digest.hexdigest(),
    }
    print(json.dumps(result | {"error": max(errors)}))


if __name__ == "__main__":
    main(sys.argv[1:])
