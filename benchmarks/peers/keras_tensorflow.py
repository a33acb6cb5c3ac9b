"""Keras 3 on TensorFlow: a `Sequential` model with Keras's own Adam (the epsilon-hat form).

Its layers are `SimpleRNN`, `GRU` (``reset_after``) or `LSTM`.

Variants: ``plain``, trained with `train_on_batch` as it comes; and ``xla``, with every layer unrolled if the windows
are short (`UNROLLED_STEPS`), compiled by XLA, and all batches of the case in one call (``steps_per_execution``), which
saves the way between Python and TensorFlow.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from benchmarks.peers.peer import BETA1, BETA2, EPSILON, UNROLLED_STEPS, Case, Layer

PACKAGES = ("keras", "tensorflow")

LAYERS: dict[str, type[keras.layers.RNN]] = {
    "rnn": keras.layers.SimpleRNN,
    "gru": keras.layers.GRU,
    "lstm": keras.layers.LSTM,
}


class OneBias(keras.constraints.Constraint):
    """Keeps those of a GRU's two biases (2, 3 * H) at zero that are redundant: the second's of the gates z and r.

    Parameters
    ----------
    units : int
        H.
    """

    def __init__(self, units: int) -> None:
        mask = np.ones((2, 3 * units), np.float32)
        mask[1, : 2 * units] = 0
        self._mask = mask

    def __call__(self, w: Any) -> Any:
        """Return what stays of the biases."""
        return w * self._mask


def make_layer(case: Case, **options: Any) -> keras.layers.RNN:
    """Return a recurrent layer of the case's cell."""
    if case.cell == "gru":
        options |= {"reset_after": True, "bias_constraint": OneBias(case.hidden_size)}
    return LAYERS[case.cell](case.hidden_size, **options)


def weights_of(cell: str, layer: Layer) -> list[NDArray[np.float32]]:
    """Return a layer's parameters as Keras has them: transposed, and the gates of a GRU in the order z, r, n."""
    if cell != "gru":
        return [layer.weight_ih.T, layer.weight_hh.T, layer.bias]

    def reordered(array: NDArray[np.float32]) -> NDArray[np.float32]:
        r, z, n = np.split(array, 3)
        return np.concatenate([z, r, n])

    assert layer.bias_hn is not None  # as every GRU has it
    second = np.zeros_like(layer.bias)
    second[-len(layer.bias_hn) :] = layer.bias_hn
    biases = np.stack([reordered(layer.bias), second])
    return [reordered(layer.weight_ih).T, reordered(layer.weight_hh).T, biases]


def build_model(case: Case, *, unroll: bool) -> keras.Model:
    """Return the network with the case's first parameters."""
    last = case.num_layers - 1
    layers = [make_layer(case, return_sequences=index < last, unroll=unroll) for index in range(case.num_layers)]
    inputs = keras.Input((case.seq_len, case.input_size), batch_size=case.batch_size)
    head = keras.layers.Dense(case.num_classes)
    model = keras.Sequential([inputs, *layers, head])
    for index, layer in enumerate(layers):
        layer.set_weights(weights_of(case.cell, case.layer(index)))
    head.set_weights([case.parameters["head.weight"].T, case.parameters["head.bias"]])
    return model


class Peer:
    """See `peers.peer.Peer`."""

    choice = ""

    def __init__(self, case: Case, variant: str, threads: int) -> None:
        if tf.config.threading.get_intra_op_parallelism_threads() != threads:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
        keras.backend.clear_session()
        self._xla = variant == "xla"
        self._at_once = len(case.inputs) if self._xla else 1
        self._model = build_model(case, unroll=self._xla and case.seq_len <= UNROLLED_STEPS)
        self._model.compile(
            optimizer=keras.optimizers.Adam(case.lr, beta_1=BETA1, beta_2=BETA2, epsilon=EPSILON),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[],
            steps_per_execution=self._at_once,
            **({"jit_compile": True} if self._xla else {}),
        )
        self._batches = [(tf.constant(x), tf.constant(y, tf.int32)) for x, y in case.batches]
        targets = tf.constant(case.targets, tf.int32)
        data = tf.data.Dataset.from_tensor_slices((case.inputs, targets)).cache().repeat().prefetch(self._at_once)
        self._train_data, self._test_data = iter(data), iter(data)
        self._model.make_train_function()
        self._model.make_test_function()

    def train(self, steps: int) -> Sequence[float]:
        """Make `steps` updates."""
        if self._xla:
            return self._run(self._model.train_function, self._train_data, steps)
        return [self._model.train_on_batch(x, y) for x, y in islice(cycle(self._batches), steps)]

    def evaluate(self, steps: int) -> Sequence[float]:
        """Compute the loss of `steps` batches."""
        if self._xla:
            return self._run(self._model.test_function, self._test_data, steps)
        return [self._model.test_on_batch(x, y) for x, y in islice(cycle(self._batches), steps)]

    def _run(self, function: Any, data: Iterator[Any], steps: int) -> Sequence[float]:
        """Run groups of `at_once` steps, each of which is one call."""
        losses = []
        for _ in range(steps // self._at_once):
            self._model.reset_metrics()
            losses.append(function(data)["loss"])
        return [float(loss) for loss in losses]
