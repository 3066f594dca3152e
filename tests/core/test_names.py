"""Any name of a file can be written, shown and read back."""

import os

import pytest

from mien.core.errors import InputError
from mien.core.names import file_name, invisible, shown, utf8_name, visible


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain.jpg", "plain.jpg"),
        ("笑 ü.jpg".encode(), "笑 ü.jpg"),
        (b"b\xe9.jpg", "b\\xe9.jpg"),
        (b"b\\xe9.jpg", "b\\x5cxe9.jpg"),
        (b"a\\b.jpg", "a\\b.jpg"),
        (b"\xff\\x5cxff", "\\xff\\x5cx5cxff"),
    ],
)
def test_names_are_written_as_utf8_and_read_back(raw: bytes, text: str) -> None:
    assert utf8_name(os.fsdecode(raw)) == text
    assert os.fsencode(file_name(text)) == raw


def test_control_characters_are_shown_and_not_obeyed() -> None:
    assert shown("a\nb\tc\x1b[2Jd\u202egpj.exe\x7f\x9b") == "a\\nb\\tc\\x1b[2Jd\\u202egpj.exe\\x7f\\x9b"
    assert shown("a\nb\tc", keep="\n\t") == "a\nb\tc"
    assert shown(os.fsdecode(b"b\xe9")) == "b\\xe9"
    assert shown("ü 笑 👩\u200d🔬 é") == "ü 笑 👩\u200d🔬 é", "letters, also joined ones, stay"


def test_errors_show_them_too() -> None:
    assert str(InputError("b\x1b[31m\n.jpg is damaged.")) == "b\\x1b[31m\\n.jpg is damaged."


def test_what_cannot_be_seen_is_written_out_and_read_back():
    for name in ("v\u200bp1", "\u200fvp", "a\x07b", "a\u00adb", "J\u00f6rg", "\U000e0041x"):
        assert visible(name).isprintable() and invisible(visible(name)) == name
