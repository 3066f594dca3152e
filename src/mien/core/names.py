"""Names of files as text: each can be written as UTF-8 and read back, and control characters are shown, not obeyed."""

import os
import re
import unicodedata

# Bytes that are no UTF-8 come from the file system as these code points (PEP 383).
_FIRST_BYTE, _LAST_BYTE = 0xDC80, 0xDCFF
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
# Characters that turn the direction of the text around them.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Kinds of characters that are not drawn: format, not assigned, private.
_UNSEEN = ("Cf", "Cn", "Co")
_BREAKING = frozenset("\u2028\u2029")
# Local folders that are copies of others, with what people call these.
_STAND_FOR: dict[str, str] = {}


def utf8_name(name: str) -> str:
    r"""A file's name that can be written as UTF-8: bytes that are none become ``\xNN``.

    A backslash that could be taken for the beginning of such an escape becomes ``\x5c``, so ``file_name`` gives every
    name back; other names stay as they are.
    """
    escaped = _ESCAPE.sub(lambda match: "\\x5c" + match[0][1:], name)
    return os.fsencode(escaped).decode("utf-8", "backslashreplace")


def file_name(name: str) -> str:
    r"""The name in the file system that ``utf8_name`` wrote."""
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), name.encode("utf-8", "replace"))
    return os.fsdecode(raw)


def shown(text: str, keep: str = "") -> str:
    r"""Text for people with control characters as escapes (``\n``, ``\x1b``, ``\u202e``), those in ``keep`` excepted.

    A name with a line break could pass for two, one with an escape sequence could colour or clear the terminal, one
    that turns the direction of writing hides its ending.
    """
    text = in_words_of_places(text)
    if text.isprintable():
        return text
    return "".join(_seen(letter) if letter not in keep else letter for letter in text)


def stand_for(folder: str, known_as: str) -> None:
    """From now on text for people calls a local folder, and what lies below it, by the name of what it is a copy of."""
    _STAND_FOR[folder] = known_as


def is_copy(path: object) -> bool:
    """Whether a path lies in the local copy of a place."""
    return any(str(path).startswith(folder) for folder in _STAND_FOR)


def in_words_of_places(text: str) -> str:
    """Text with places in it instead of their local copies."""
    for folder, known_as in _STAND_FOR.items():
        text = text.replace(folder, known_as)
    return text


def visible(name: str) -> str:
    r"""A name for a message that has to tell it from names which look the same: what cannot be seen as escapes.

    Beyond ``shown`` these are characters without width (``\u200b``), soft hyphens, byte-order marks and the like.
    """
    return "".join(_escaped(c) if unicodedata.category(c) in _UNSEEN else _seen(c) for c in name)


def invisible(text: str) -> str:
    """The name that ``visible`` wrote."""
    return re.sub(
        r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))",
        lambda match: chr(int(match[match.lastindex or 1], 16)),
        text,
    )


def _seen(letter: str) -> str:
    kind = unicodedata.category(letter)
    if _FIRST_BYTE <= ord(letter) <= _LAST_BYTE:
        return f"\\x{ord(letter) - 0xDC00:02x}"
    if kind in ("Cc", "Cs") or letter in _TURNING or letter in _BREAKING:
        return _escaped(letter)
    return letter


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")
