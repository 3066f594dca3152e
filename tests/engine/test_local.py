"""Processes: order, what is under way at once, deaths, silence, ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mien.core.errors import InputError, MienError
from mien.engine.spread import spread, workers_for
from mien.engine.work import CRASHED, FAILED, SILENT, Item, Spread
from tests.engine.works import Deadly, Halves, Loud, Refusing, Sleepy, Uneven

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
TWO = Spread(workers=2)
ITEMS = [Item(f"item {number}", number) for number in range(7)]


def test_two_processes_give_what_one_gives_in_the_same_order_and_say_as_much() -> None:
    here: list[int] = []
    there: list[int] = []
    alone = list(spread(Halves(), ITEMS, step=here.append))
    assert list(spread(Halves(), ITEMS, TWO, step=there.append)) == alone
    assert there.count(0) == 1 and sorted(there) == sorted(here)


def test_slow_items_do_not_change_the_order() -> None:
    items = [Item(str(number), 0.2 if number % 3 == 0 else 0.0) for number in range(9)]
    assert [done.key for done in spread(Uneven(), items, TWO)] == [str(number) for number in range(9)]


@pytest.mark.parametrize("ahead", [1, 5])
def test_no_more_is_drawn_than_workers_need(ahead: int) -> None:
    drawn = 0

    def items():
        nonlocal drawn
        for number in range(60):
            drawn += 1
            yield Item(str(number), 2 * number)

    for given, done in enumerate(spread(Halves(), items(), Spread(workers=2, ahead=ahead))):
        assert done.value == given
        # What is given back, and at most two workers' share of what may be begun or wait.
        assert drawn <= given + 1 + 2 * ahead
    assert drawn == 60


def test_an_item_that_kills_its_process_three_times_is_given_up_and_the_others_are_done(tmp_path: Path) -> None:
    items = [Item(f"item {number}", number) for number in range(10)]
    done = list(spread(Deadly(tmp_path, {3: 99, 5: 1, 7: 2}), items, TWO))
    assert [one.key for one in done] == [item.key for item in items]
    assert [one.value for one in done if one.key != "item 3"] == [n / 2 for n in range(10) if n != 3]
    assert (done[3].status, done[3].end, done[3].value) == (CRASHED, "SIGKILL", None)
    assert "memory ran out" in done[3].reason
    tries = {number: sorted(path.name for path in tmp_path.glob(f"{number}-*")) for number in (3, 5, 7)}
    assert {number: len(found) for number, found in tries.items()} == {3: 3, 5: 2, 7: 3}
    # The last try is alone.
    assert all(found[2].endswith("beside0") for found in (tries[3], tries[7]))


def test_fewer_tries_can_be_asked_for(tmp_path: Path) -> None:
    with workers_for(Deadly(tmp_path, {3: 99}), TWO) as spreading:
        done = list(spreading([Item("a", 3), Item("b", 4)], tries=1))
    assert [one.status for one in done] == [CRASHED, "done"]
    assert len(list(tmp_path.glob("3-*"))) == 1


def test_what_is_silent_is_ended_and_not_tried_again() -> None:
    begun = time.monotonic()
    items = [Item(name, name) for name in ("a", "silent", "b")]
    done = list(spread(Sleepy(), items, Spread(workers=2, time_limit_s=1.5)))
    assert [one.value for one in done] == ["a", None, "b"]
    assert (done[1].status, done[1].end) == (CRASHED, SILENT) and "1.5 s" in done[1].reason
    assert time.monotonic() - begun < 30


def test_one_process_keeps_a_deadly_item_away_from_this_one(tmp_path: Path) -> None:
    done = list(spread(Deadly(tmp_path, {1: 99}), [Item("a", 1), Item("b", 2)], Spread(isolated=True)))
    assert [one.status for one in done] == [CRASHED, "done"]


def test_errors_travel_as_the_nearest_that_there_is() -> None:
    faults = list(spread(Loud(), [Item("a", "input"), Item("b", "other"), Item("c", "no data")], TWO))
    assert [one.status for one in faults] == [FAILED] * 3
    assert isinstance(faults[0].error, InputError) and faults[0].reason == "Not this one."
    assert type(faults[1].error) is MienError and faults[1].reason == "ZeroDivisionError: by nothing"
    # A result that cannot travel is an error of its item, too.
    assert "pickle" in faults[2].reason
    with pytest.raises(InputError, match=r"Not this one\."):
        faults[0].result()


@pytest.mark.parametrize("how", [Spread(), TWO])
def test_work_that_cannot_start_says_why(how: Spread) -> None:
    with pytest.raises(InputError, match="nothing to start with"):
        list(spread(Refusing(), ITEMS, how))


def test_what_cannot_travel_is_refused_in_a_sentence() -> None:
    work = Halves()
    work.own = lambda: None
    with pytest.raises(InputError, match="workers=1"):
        list(spread(work, ITEMS, TWO))


def test_nothing_starts_for_nothing() -> None:
    assert list(spread(Refusing(), [], TWO)) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_process_stays_when_the_first_is_ended(tmp_path: Path, number: int) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from mien.engine.spread import spread\n"
        "from mien.engine.work import Item, Spread\n"
        "from tests.engine.works import Marking\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))\n"
        "    items = [Item(str(n), n) for n in range(50)]\n"
        f"    list(spread(Marking(Path({str(tmp_path)!r})), items, Spread(workers=2)))\n"
    )
    home = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(home), str(home / "src"), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, str(script)], stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": paths}
    )
    deadline = time.monotonic() + 30
    while len(list(tmp_path.glob("pid-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = [int(path.name.split("-")[1]) for path in tmp_path.glob("pid-*")]
    process.send_signal(number)
    process.wait(timeout=30)
    assert len(workers) == 2
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(alive(pid) for pid in workers)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
