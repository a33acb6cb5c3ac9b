"""Ready-made callbacks that write a training or a study to MLflow or to Weights & Biases.

::

    lengthwise.train(seq_len=12, callbacks=[MLflow()])
    lengthwise.Study("mnist", seq_lens="4:28:4").run(callbacks=[WandB(project="lengths")])

A callback of your own is any function that takes an event; see `lengthwise.events`.
"""

from lengthwise.integrations.mlflow import MLflow
from lengthwise.integrations.wandb import WandB

__all__ = [
    "MLflow",
    "WandB",
]
