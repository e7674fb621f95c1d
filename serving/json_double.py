"""Decimal numbers to doubles as RapidJSON reads them for TensorFlow Serving, which may be off by the last bits.

It is what RapidJSON calls normal precision: the first digits as an integer, the others into a double one by one, and
one multiplication or division by a power of ten. Short numbers come out right, those of 17 digits not always.
"""

from __future__ import annotations

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
