"""JSON as TensorFlow Serving reads it: NaN and Infinity, text after the end, its words and offsets for what is wrong.

The rules and messages are RapidJSON's, whose iterative parser it uses. Strict JSON is read faster by `orjson`; this
reader is for the rest, and for the exact error. Strings that are no UTF-8 survive through surrogate escapes.
"""

from __future__ import annotations

import contextlib
import math
import re
from typing import Any, NoReturn

from keras_gan.serving.errors import invalid
from keras_gan.serving.rest.json_double import digits_of, to_double

MAX_DEPTH = 64
_SPACE = re.compile(rb"[ \t\n\r]*")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_INTEGER = re.compile(rb"0|[1-9][0-9]*")
_DIGITS = re.compile(rb"[0-9]+")
_HEX = re.compile(rb"[0-9A-Fa-f]{0,4}")
_ESCAPES = {
    ord('"'): '"',
    ord("\\"): "\\",
    ord("/"): "/",
    ord("b"): "\b",
    ord("f"): "\f",
    ord("n"): "\n",
    ord("r"): "\r",
    ord("t"): "\t",
}
_WORDS = {ord("n"): (b"null", None), ord("t"): (b"true", True), ord("f"): (b"false", False)}
_DEBUG_BYTES = 256


class Object(list[tuple[str, Any]]):
    """A JSON object: its members in their order, repeated ones too."""

    def find(self, name: str) -> Any:
        """The first member of that name, or `MISSING`."""
        return next((value for key, value in self if key == name), MISSING)


MISSING: Any = object()


def read(body: bytes) -> Any:
    """Read the JSON value that `body` begins with.

    Args:
        body: The text; a byte order mark is skipped, what follows the value is ignored.

    Returns:
        `None`, booleans, integers from -2**63 to 2**64 - 1, floats, strings, lists and `Object`s.

    Raises:
        ServingError: If it is no JSON, with RapidJSON's message and offset; or nested deeper than 64.
    """
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    return _Reader(body).document()


class _Reader:
    def __init__(self, body: bytes) -> None:
        # A NUL byte ends the text, and so does the text's end: where one stands nothing needs to be asked twice.
        self.text = body + b"\0"
        self.at = 3 if body.startswith(b"\xef\xbb\xbf") else 0

    def fail(self, what: str, at: int | None = None) -> NoReturn:
        raise invalid(f"JSON Parse error: {what} at offset: {self.at if at is None else at}")

    def peek(self) -> int:
        return self.text[self.at]

    def space(self) -> int:
        """Skip white space, and look at what follows."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at]

    def document(self) -> Any:
        if self.space() in b"\0,:]}":
            self.fail("The document is empty.")
        return self.value(0)

    def value(self, depth: int) -> Any:
        first = self.peek()
        if first == ord('"'):
            return self.string()
        if first in b"[{":
            if depth == MAX_DEPTH:
                raise invalid(f"JSON is nested deeper than {MAX_DEPTH} levels, at offset: {self.at}")
            return self.array(depth + 1) if first == ord("[") else self.object(depth + 1)
        if first in _WORDS:
            word, meant = _WORDS[first]
            if not self.spelled(word):
                self.fail("Invalid value.")
            return meant
        return self.number()

    def array(self, depth: int) -> list[Any]:
        self.at += 1
        values: list[Any] = []
        if self.space() == ord("]"):
            self.at += 1
            return values
        while True:
            if self.peek() in b"\0,:]}":
                self.fail("Invalid value.")
            values.append(self.value(depth))
            following = self.space()
            if following == ord("]"):
                self.at += 1
                return values
            if following != ord(","):
                self.fail("Missing a comma or ']' after an array element.")
            self.at += 1
            self.space()

    def object(self, depth: int) -> Object:
        self.at += 1
        members = Object()
        if self.space() == ord("}"):
            self.at += 1
            return members
        while True:
            if self.peek() != ord('"'):
                self.fail("Missing a name for object member.")
            name = self.string()
            if self.space() != ord(":"):
                self.fail("Missing a colon after a name of object member.")
            self.at += 1
            if self.space() in b"\0,:]}":
                self.fail("Invalid value.")
            members.append((name, self.value(depth)))
            following = self.space()
            if following == ord("}"):
                self.at += 1
                return members
            if following != ord(","):
                self.fail("Missing a comma or '}' after an object member.")
            self.at += 1
            self.space()

    def string(self) -> str:
        self.at += 1
        parts: list[str] = []
        while True:
            plain = _PLAIN.match(self.text, self.at)
            if plain:
                parts.append(plain[0].decode("utf-8", "surrogateescape"))
                self.at = plain.end()
            byte = self.peek()
            if byte == ord('"'):
                self.at += 1
                return "".join(parts)
            if byte == ord("\\"):
                parts.append(self.escape())
            elif byte == 0:
                self.fail("Missing a closing quotation mark in string.")
            else:
                self.fail("Invalid escape character in string.")

    def escape(self) -> str:
        start = self.at
        letter = self.text[start + 1]
        self.at += 2
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter != ord("u"):
            self.fail("Invalid escape character in string.", start)
        code = self.hexadecimal(start)
        if 0xDC00 <= code <= 0xDFFF:  # half a pair, whose bytes are no UTF-8
            return chr(code).encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        if 0xD800 <= code <= 0xDBFF:
            if self.text[self.at : self.at + 2] != b"\\u":
                self.fail("The surrogate pair in string is invalid.", start)
            self.at += 2
            low = self.hexadecimal(start)
            if not 0xDC00 <= low <= 0xDFFF:
                self.fail("The surrogate pair in string is invalid.", start)
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        return chr(code)

    def hexadecimal(self, start: int) -> int:
        found = _HEX.match(self.text, self.at)
        if found is None or len(found[0]) < 4:
            self.fail("Incorrect hex digit after \\u escape in string.", start)
        self.at = found.end()
        return int(found[0], 16)

    def number(self) -> int | float:
        start = self.at
        if negative := self.peek() == ord("-"):
            self.at += 1
        whole = _INTEGER.match(self.text, self.at)
        if whole is None:
            named = self.not_finite()
            if self.peek() not in b".eE":
                return -named if negative else named
        # Infinity.5 is 0.5 to RapidJSON.
        digits, fraction, exponent = whole[0] if whole else b"0", b"", 0
        self.at += len(whole[0]) if whole else 0
        if decimal := self.peek() == ord("."):
            self.at += 1
            fraction = self.digits("Miss fraction part in number.")
        if scientific := self.peek() in b"eE":
            self.at += 1
            sign = self.peek()
            self.at += sign in b"+-"
            # Python refuses to make integers of thousands of digits.
            exponent = int(self.digits("Miss exponent in number.").lstrip(b"0")[:9] or b"0")
            exponent = -exponent if sign == ord("-") else exponent
        most = 2**63 if negative else 2**64 - 1
        if not decimal and not scientific and len(digits) <= 20 and int(digits) <= most:
            return -int(digits) if negative else int(digits)
        number = to_double(digits, fraction, exponent, most)
        if number is None:
            self.fail("Number too big to be stored in double.", start)
        return -number if negative else number

    def digits(self, missing: str) -> bytes:
        found = _DIGITS.match(self.text, self.at)
        if found is None:
            self.fail(missing)
        self.at = found.end()
        return found[0]

    def not_finite(self) -> float:
        if self.peek() not in b"NI":
            self.fail("Invalid value.")
        # What NaN has in common with the text is gone when Infinity is looked for: NInf is infinite, too.
        if self.spelled(b"NaN"):
            return math.nan
        if not self.spelled(b"Inf") or (self.peek() == ord("i") and not self.spelled(b"inity")):
            self.fail("Invalid value.")
        return math.inf

    def spelled(self, word: bytes) -> bool:
        """Take a word's letters as far as they are there; whether all are."""
        for byte in word:
            if self.peek() != byte:
                return False
            self.at += 1
        return True


def debug_text(value: Any) -> str:
    """Show a value in an error, as TensorFlow Serving does: objects over several lines, cut off after 256 bytes."""
    writer = _DebugWriter()
    with contextlib.suppress(_CutOffError):
        writer.write(value, 0)
    return "".join(writer.parts)


class _CutOffError(Exception):
    pass


class _DebugWriter:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text.encode("utf-8", "surrogateescape"))

    def token(self, before: str, text: str) -> None:
        """One event of the writer: none begins after the limit, and one that began is written whole."""
        if self.size >= _DEBUG_BYTES:
            raise _CutOffError
        self.put(before + text)

    def write(self, value: Any, level: int, before: str = "") -> None:
        if isinstance(value, Object):
            self.token(before, "{")
            for i, (name, member) in enumerate(value):
                self.token((",\n" if i else "\n") + "    " * (level + 1), quoted(name))
                self.write(member, level + 1, ": ")
            self.token("\n" + "    " * level if value else "", "}")
        elif isinstance(value, list):
            self.token(before, "[")
            for i, element in enumerate(value):
                self.write(element, level + 1, ", " if i else "")
            self.token("", "]")
        elif isinstance(value, float) and not math.isfinite(value):
            self.token(before, "")
            raise _CutOffError  # RapidJSON's writer has no word for it, and stops
        else:
            self.token(before, _scalar(value))


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _shortest(value) if isinstance(value, float) else str(value)


_ESCAPED = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f]')


def quoted(text: str) -> str:
    """A JSON string, in which what is not ASCII stands for itself."""
    return '"' + _TO_ESCAPE.sub(lambda found: _ESCAPED.get(found[0], f"\\u{ord(found[0]):04X}"), text) + '"'


def _shortest(number: float) -> str:
    """The number's digits, without an exponent from 1e-6 to 1e21."""
    if number == 0:
        return "-0.0" if math.copysign(1, number) < 0 else "0.0"
    sign = "-" if number < 0 else ""
    digits, power = digits_of(abs(number))
    # The number is 0.DIGITS times ten to the power of `point`.
    point = len(digits) + power
    if len(digits) <= point <= 21:
        return f"{sign}{digits}{'0' * (point - len(digits))}.0"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1}"
