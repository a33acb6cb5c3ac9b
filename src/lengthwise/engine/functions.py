"""Elementary functions of vectors, in registers."""

import numpy as np

from lengthwise.engine.kernel import kernel
from lengthwise.engine.simd import (
    divide,
    maximum,
    minimum,
    multiply,
    multiply_add,
    nearest_integer,
    power_of_two,
    splat,
    subtract,
)

f32 = np.float32


@kernel
def tanh(x):
    """Hyperbolic tangent, within 3 units in the last place.

    A rational minimax approximation x P(x²) / Q(x²), with the coefficients that the Eigen library publishes
    (``generic_fast_tanh_float``). Beyond ±7.9 its value is within one unit of ±1.
    """
    x = minimum(splat(f32(7.90531110763549805)), maximum(splat(f32(-7.90531110763549805)), x))
    s = multiply(x, x)
    p = multiply_add(s, splat(f32(-2.76076847742355e-16)), splat(f32(2.00018790482477e-13)))
    p = multiply_add(p, s, splat(f32(-8.60467152213735e-11)))
    p = multiply_add(p, s, splat(f32(5.12229709037114e-08)))
    p = multiply_add(p, s, splat(f32(1.48572235717979e-05)))
    p = multiply_add(p, s, splat(f32(6.37261928875436e-04)))
    p = multiply_add(p, s, splat(f32(4.89352455891786e-03)))
    q = multiply_add(s, splat(f32(1.19825839466702e-06)), splat(f32(1.18534705686654e-04)))
    q = multiply_add(q, s, splat(f32(2.26843463243900e-03)))
    q = multiply_add(q, s, splat(f32(4.89352518554385e-03)))
    return divide(multiply(x, p), q)


@kernel
def exp(x):
    """Exponential for x from -87 to 0, clamped to that range, within 2 units in the last place.

    exp(x) = 2ⁿ exp(r) with n = round(x / ln 2) and r = x - n ln 2, where ln 2 is split in two parts so that r is
    exact (Cody and Waite, Software Manual for the Elementary Functions, 1980), and a Taylor polynomial of degree 7
    for exp(r), |r| < 0.35.
    """
    x = minimum(splat(f32(0.0)), maximum(splat(f32(-87.0)), x))
    n = nearest_integer(multiply(x, splat(f32(1.4426950408889634))))
    r = multiply_add(n, splat(f32(-0.693359375)), x)
    r = multiply_add(n, splat(f32(2.12194440e-4)), r)
    p = multiply_add(r, splat(f32(1 / 5040)), splat(f32(1 / 720)))
    p = multiply_add(p, r, splat(f32(1 / 120)))
    p = multiply_add(p, r, splat(f32(1 / 24)))
    p = multiply_add(p, r, splat(f32(1 / 6)))
    p = multiply_add(p, r, splat(f32(1 / 2)))
    p = multiply_add(p, r, splat(f32(1.0)))
    p = multiply_add(p, r, splat(f32(1.0)))
    return multiply(p, power_of_two(n))


@kernel
def tanh_gradient(d, h):
    """Return d (1 - h²): the gradient at the argument of h = tanh(·), from the gradient d at h."""
    return multiply(d, subtract(splat(f32(1.0)), multiply(h, h)))
