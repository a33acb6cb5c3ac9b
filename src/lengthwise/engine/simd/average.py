"""The exponential average of the weights. With p the parameters after update t (from 1), d the decay:

    a = p                          after the first update
    a = a + (1 - d) (p - a)        after every other

It begins as PyTorch's ``torch.optim.swa_utils.AveragedModel`` with ``get_ema_multi_avg_fn(d)`` does: with a copy of the
parameters after the first update, and not with zeros, so that it needs no correction of the bias at the beginning, as
Adam's means do. (TensorFlow's ``ExponentialMovingAverage`` begins with the parameters before the first update.)
Averages of the weights go back to Ruppert (1988) and to Polyak and Juditsky (Acceleration of stochastic approximation
by averaging, 1992); the exponential one forgets the first weights.
"""  # noqa: D400 - the equations are the summary

import numpy as np

from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.vectors import store_scalar

f32 = np.float32


@kernel
def move_average(decay, t, p, average, start, stop):
    """Take the parameters after update number `t` (from 1) into their average, from `start` to `stop`.

    Parameters
    ----------
    p, average : pointer to float32, shape (P,)
        The parameters, and their average, changed in place.
    """
    share = f32(1.0 - decay)
    if t == 1:
        for i in range(start, stop):
            store_scalar(p[i], average, i)
    else:
        for i in range(start, stop):
            store_scalar(average[i] + share * (p[i] - average[i]), average, i)
