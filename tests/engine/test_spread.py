"""Work that is spread: order, faults and parts."""

import pytest

from mien.core.errors import InputError
from mien.engine.spread import spread
from mien.engine.work import Item, Spread
from tests.engine.works import Halves

ITEMS = [Item(f"item {number}", number) for number in range(7)]


def test_results_keep_the_order_and_a_fault_costs_its_item_alone():
    done = list(spread(Halves(), ITEMS))
    assert [one.key for one in done] == [item.key for item in ITEMS]
    assert [one.value for one in done] == [0, None, 1, None, 2, None, 3]
    assert done[1].status == "failed" and "1 is odd" in done[1].reason


def test_parts_are_disjoint_and_complete_and_do_not_depend_on_the_other_items():
    parts = [[item.key for item in Spread(part=f"{number}/3").of(ITEMS)] for number in (1, 2, 3)]
    assert sorted(key for part in parts for key in part) == [item.key for item in ITEMS]
    assert [item.key for item in Spread(part="2/3").of(ITEMS[3:])] == [key for key in parts[1] if key >= "item 3"]


@pytest.mark.parametrize("part", ["0/3", "4/3", "3", "a/b"])
def test_a_part_that_is_none_is_refused(part):
    with pytest.raises(InputError, match="3/40"):
        Spread(part=part)


def test_an_address_belongs_to_a_cluster():
    with pytest.raises(InputError, match="'ray'"):
        Spread(address="127.0.0.1:6379")
