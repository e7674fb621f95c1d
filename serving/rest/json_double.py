"""Decimal numbers to doubles and back, as RapidJSON has it for TensorFlow Serving: at times off by the last bits.

Reading is what RapidJSON calls normal precision: the first digits as an integer, the others into a double one by one,
and one multiplication or division by a power of ten. Short numbers come out right, those of 17 digits not always.
"""

from __future__ import annotations

import math

# Above it, one more digit may not fit into a double's 53 bits, or into any double.
_EXACT = 2**53 - 1
_LARGE = 1.7976931348623157e307
_MOST_DIGITS = 17
_MOST_EXPONENT = 308


def to_double(digits: bytes, fraction: bytes, exponent: int, most: int) -> float | None:
    """The double that RapidJSON reads.

    Args:
        digits: Before the point.
        fraction: Behind it; may be empty.
        exponent: Of ten.
        most: The largest integer, as the number's sign has it.

    Returns:
        It, without the sign; `None` if it is too big for a double.
    """
    taken = _fitting(digits, most)
    whole = int(digits[:taken] or b"0")
    number, rest = float(whole), fraction
    significant = taken - 1
    for digit in digits[taken:]:
        if number >= _LARGE:
            return None
        number = number * 10 + (digit - 48)
    if taken == len(digits):
        while rest and whole <= _EXACT:
            whole, rest = whole * 10 + rest[0] - 48, rest[1:]
            significant += whole != 0
        number = float(whole)
    shift = len(rest) - len(fraction)
    for digit in rest:
        if significant >= _MOST_DIGITS:
            break
        number = number * 10 + (digit - 48)
        shift -= 1
        significant += number > 0
    # One digit of an exponent is never too many.
    if exponent > max(9, _MOST_EXPONENT - shift):
        return None
    power = exponent + shift
    if power < -_MOST_EXPONENT:
        return _times_ten_to(_times_ten_to(number, -_MOST_EXPONENT), power + _MOST_EXPONENT)
    return _times_ten_to(number, power)


def _fitting(digits: bytes, most: int) -> int:
    """How many of the digits make an integer that is not above `most`."""
    taken = min(len(digits), 20)
    while int(digits[:taken]) > most:
        taken -= 1
    return taken


def _times_ten_to(number: float, power: int) -> float:
    if power < -_MOST_EXPONENT:
        return 0.0
    return number * float(f"1e{power}") if power >= 0 else number / float(f"1e{-power}")


def digits_of(number: float) -> tuple[str, int]:
    """Digits that tell a double, and the power of ten of the last: seldom not the fewest, or not the nearest.

    Grisu2 (Loitsch, Printing Floating-Point Numbers Quickly and Accurately with Integers, 2010), which RapidJSON writes
    doubles with: on integers of 64 bits, with the powers of ten that it keeps.

    Args:
        number: Above 0, and finite.
    """
    exponent = max(math.frexp(number)[1] - 53, -1074)
    significand = int(math.ldexp(number, -exponent))
    # The middles to the neighbours, of 64 bits, and the number itself.
    shift = 63 - significand.bit_length()
    above = (2 * significand + 1) << shift
    closer = significand == 2**52
    below = (4 * significand - 1 << shift - 1) if closer else (2 * significand - 1 << shift)
    power, times, binary = _power_of_ten(exponent - 1 - shift)
    high, low = _product(above, times) - 1, _product(below, times) + 1
    return _digits_between(high, high - low, high - _product(significand << shift + 1, times), -binary, -power)


def _power_of_ten(binary: int) -> tuple[int, int, int]:
    """A power of ten, of every eighth, as 64 bits; their product with the power of two `binary` is near to 2**-64."""
    wanted = math.ceil((-61 - binary) * 0.30102999566398114 + 347)
    power = (wanted // 8 + 1) * 8 - 348
    top, bottom = (10**power, 1) if power >= 0 else (1, 10**-power)
    exponent = top.bit_length() - bottom.bit_length() - 64
    while True:
        numerator, denominator = (top, bottom << exponent) if exponent >= 0 else (top << -exponent, bottom)
        times = (2 * numerator + denominator) // (2 * denominator)
        if times < 2**64:
            return power, times, binary + exponent + 64
        exponent += 1


def _product(one: int, other: int) -> int:
    """The upper 64 bits, rounded."""
    return (one * other + 2**63) >> 64


def _digits_between(high: int, width: int, off: int, bits: int, power: int) -> tuple[str, int]:
    """The digits of a number between `high` - `width` and `high`, near `high` - `off`, with `bits` behind the point."""
    whole, rest = high >> bits, high & ((1 << bits) - 1)
    digits, places = "", len(str(whole))
    while places:
        places -= 1
        digit, whole = divmod(whole, 10**places)
        digits += str(digit) if digit or digits else ""
        left = (whole << bits) + rest
        if left <= width:
            return _nearer(digits, width, left, 10**places << bits, off), power + places
    while True:
        places -= 1
        rest, width = rest * 10, width * 10
        digits += str(rest >> bits) if rest >> bits or digits else ""
        rest &= (1 << bits) - 1
        if rest < width:
            scaled = off * 10**-places % 2**64 if places > -9 else 0
            return _nearer(digits, width, rest, 1 << bits, scaled), power + places


def _nearer(digits: str, width: int, left: int, step: int, off: int) -> str:
    """Lower the last digit while that brings it nearer to the number, and not out of the interval."""
    last = int(digits[-1])
    while left < off and width - left >= step and (left + step < off or off - left > left + step - off):
        last -= 1
        left += step
    return digits[:-1] + str(last)
