"""Keras 3 on TensorFlow: `SimpleRNN` layers in a `Sequential` model, with Keras's own Adam (the epsilon-hat form).

Variants: ``plain``, trained with `train_on_batch` as it comes; and ``xla``, with every layer unrolled, compiled by XLA,
and all batches of the case in one call (``steps_per_execution``), which saves the way between Python and TensorFlow.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import keras
import tensorflow as tf

from peers.peer import BETA1, BETA2, EPSILON, Case

PACKAGES = ("keras", "tensorflow")


def build_model(case: Case, *, unroll: bool) -> keras.Model:
    """Return the network with the case's first parameters."""
    last = case.num_layers - 1
    layers = [
        keras.layers.SimpleRNN(case.hidden_size, return_sequences=index < last, unroll=unroll)
        for index in range(case.num_layers)
    ]
    inputs = keras.Input((case.seq_len, case.input_size), batch_size=case.batch_size)
    head = keras.layers.Dense(case.num_classes)
    model = keras.Sequential([inputs, *layers, head])
    for index, layer in enumerate(layers):
        weight_ih, weight_hh, bias = case.layer(index)
        layer.set_weights([weight_ih.T, weight_hh.T, bias])
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
        self._model = build_model(case, unroll=self._xla)
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
