"""The integer arithmetic of TFLite's int8 reference kernels (double rounding), on int64 arrays.

Every function takes and returns values in the int32 range, held in int64 so that products are
exact. Qm.n below is an int32 with n fractional bits.
"""

import math

import numpy as np

INT32_MAX = 2**31 - 1


def quantize_multiplier(real: float) -> tuple[int, int]:
    """A factor as (Q0.31 mantissa, power of two); (0, 0) for 0 and for what is too small to matter."""
    if real == 0:
        return 0, 0
    mantissa, shift = math.frexp(real)
    fixed = math.floor(mantissa * 2**31 + 0.5)
    if fixed == 2**31:
        fixed, shift = fixed // 2, shift + 1
    return (0, 0) if shift < -31 else (fixed, shift)


def multiply_high(a, b):
    """Saturating rounding doubling high multiply: a * b / 2^31 to nearest, ties towards plus infinity."""
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    nudged = product + np.where(product >= 0, 2**30, 1 - 2**30)
    truncated = np.where(nudged >= 0, nudged >> 31, -(-nudged >> 31))
    return np.minimum(truncated, INT32_MAX)


def divide_by_power_of_two(value, exponent):
    """value / 2^exponent to nearest, ties away from zero; exponent 0..31."""
    mask = (np.int64(1) << exponent) - 1
    threshold = (mask >> 1) + (value < 0)
    return (value >> exponent) + ((value & mask) > threshold)


def rescale(value, multiplier, shift):
    """value * multiplier * 2^(shift - 31) with the two roundings of the reference kernels."""
    left, right = np.maximum(shift, 0), np.maximum(-np.asarray(shift), 0)
    return divide_by_power_of_two(multiply_high(value << left, multiplier), right)


def _saturating_shift(value, bits):
    return np.clip(value << bits, -2**31, INT32_MAX)


def _exp_of_last_quarter(a):
    """exp(a) for a in [-1/4, 0), Q0.31: Taylor series of fourth order around -1/8."""
    around = round(math.exp(-1 / 8) * 2**31)
    third = round(2**31 / 3)
    x = a + 2**28
    x2 = multiply_high(x, x)
    x3 = multiply_high(x2, x)
    quarter_x4 = divide_by_power_of_two(multiply_high(x2, x2), 2)
    tail = divide_by_power_of_two(multiply_high(quarter_x4 + x3, third) + x2, 1)
    return np.minimum(around + multiply_high(around, x + tail), INT32_MAX)


def exp_of_negative(a):
    """exp(a) as Q0.31 for a <= 0 in Q5.26."""
    quarter = 2**24
    in_quarter = (a & (quarter - 1)) - quarter
    result = _exp_of_last_quarter(_saturating_shift(in_quarter, 5))
    remainder = in_quarter - a
    for exponent in range(-2, 5):
        factor = round(math.exp(-(2.0**exponent)) * 2**31)
        bit = (remainder >> (26 + exponent)) & 1
        result = np.where(bit == 1, multiply_high(result, factor), result)
    return np.where(a == 0, INT32_MAX, result)


def one_over_one_plus(a):
    """1 / (1 + a) as Q0.31 for a in [0, 1) in Q0.31: three Newton-Raphson steps in Q2.29."""
    half_denominator = (a + INT32_MAX + 1) >> 1
    x = round(48 / 17 * 2**29) + multiply_high(half_denominator, round(-32 / 17 * 2**29))
    for _ in range(3):
        error = 2**29 - multiply_high(half_denominator, x)
        x = x + _saturating_shift(multiply_high(x, error), 2)
    return _saturating_shift(x, 1)
