"""Elementary functions of vectors, in registers."""

import numpy as np

from lengthwise.engine.simd.kernel import kernel
from lengthwise.engine.simd.vectors import (
    maximum,
    minimum,
    multiply_add,
    nearest_integer,
    power_of_two,
    reciprocal,
    splat,
)

f32 = np.float32


@kernel
def tanh(x):
    """Hyperbolic tangent, within 6 units in the last place.

    A rational function x (1 + x² P(x²)) / Q(x²), whose eight coefficients were fitted for the least relative error,
    7e-9, on ±8.02. Beyond ±8 its value is within four units of ±1.
    """
    x = minimum(splat(f32(8.0)), maximum(splat(f32(-8.0)), x))
    s = x * x
    p = multiply_add(s, splat(f32(1.52531890e-08)), splat(f32(2.19135208e-05)))
    p = multiply_add(p, s, splat(f32(3.57284071e-03)))
    p = multiply_add(p, s, splat(f32(1.34455761e-01)))
    q = multiply_add(s, splat(f32(8.53250381e-07)), splat(f32(3.41325724e-04)))
    q = multiply_add(q, s, splat(f32(2.61692686e-02)))
    q = multiply_add(q, s, splat(f32(4.67789053e-01)))
    q = multiply_add(q, s, splat(f32(1.0)))
    return multiply_add(s * x, p, x) * reciprocal(q)


@kernel
def exp(x):
    """Exponential for x from -87 to 0, clamped to that range, within 2 units in the last place.

    exp(x) = 2ⁿ exp(r) with n = round(x / ln 2) and r = x - n ln 2, where ln 2 is split in two parts so that r is
    exact (Cody and Waite, Software Manual for the Elementary Functions, 1980), and a Taylor polynomial of degree 7
    for exp(r), |r| < 0.35.
    """
    x = minimum(splat(f32(0.0)), maximum(splat(f32(-87.0)), x))
    n = nearest_integer(x * splat(f32(1.4426950408889634)))
    r = multiply_add(n, splat(f32(-0.693359375)), x)
    r = multiply_add(n, splat(f32(2.12194440e-4)), r)
    p = multiply_add(r, splat(f32(1 / 5040)), splat(f32(1 / 720)))
    p = multiply_add(p, r, splat(f32(1 / 120)))
    p = multiply_add(p, r, splat(f32(1 / 24)))
    p = multiply_add(p, r, splat(f32(1 / 6)))
    p = multiply_add(p, r, splat(f32(1 / 2)))
    p = multiply_add(p, r, splat(f32(1.0)))
    p = multiply_add(p, r, splat(f32(1.0)))
    return p * power_of_two(n)


@kernel
def sigmoid(x):
    """Return 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, within 3e-7."""
    half = splat(f32(0.5))
    return multiply_add(tanh(x * half), half, half)
