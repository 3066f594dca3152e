"""The decimal mark of a cell, where the cell shows it."""

import pytest

from mien.data.tables.numerals import certain_mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [("1'100.50", "."), ("1'100,50", ","), ("1 100,25", ","), ("1'100", ""), ("2\u2019345\u2019678.5", ".")],
)
def test_groups_by_apostrophe_or_blank_show_the_mark_behind_them(text: str, mark: str) -> None:
    assert certain_mark(text) == mark
