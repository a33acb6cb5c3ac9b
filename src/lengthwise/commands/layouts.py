"""``lengthwise layouts``."""

import numpy as np
from rich.table import Table

from lengthwise._internal.output import Output
from lengthwise.data import load_data
from lengthwise.data.batch_layouts import LAYOUTS
from lengthwise.errors import UsageError


def layouts(*, data: str = "mnist", batch_size: int = 128) -> None:
    """Print the layouts in which a mini-batch of the data feeds dense, convolutional and recurrent networks.

    Parameters
    ----------
    data
        Data set: a name such as mnist, a file, or a folder, with options; see lengthwise data list.
    batch_size
        Sequences in the mini-batch.
    """
    train = load_data(data).train
    if not 1 <= batch_size <= len(train):
        raise UsageError(
            f"batch_size is {batch_size}, but the training split has {len(train)} sequences: choose 1 to {len(train)}."
        )
    table = Table(
        "network", "layout", "shape", "memory", title=f"Layouts of a mini-batch of {data}", title_style="bold"
    )
    images = train.values[:batch_size]
    for layout in LAYOUTS:
        batch = layout.apply(images)
        memory = "a view" if np.shares_memory(batch, images) else "a copy"
        table.add_row(layout.network, layout.axes, str(batch.shape), memory)
    Output().print(table)
