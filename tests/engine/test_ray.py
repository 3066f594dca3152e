"""Actors of a cluster: the same results as processes give; lost workers and machines; nothing but the loopback.

One cluster of two machines, simulated on this one, serves all tests: to start it takes seconds.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from mien.core.errors import InputError, MienError
from mien.engine.spread import spread
from mien.engine.work import CRASHED, SILENT, Item, Spread
from tests.engine.works import Deadly, Halves, Loud, Refusing, Sleepy, Where

# Not imported here: what Ray reads while it is imported is set below.
pytestmark = [
    pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra [ray]"),
    pytest.mark.skipif(sys.platform != "linux", reason="Ray's simulated machines are tested on Linux"),
]
ITEMS = [Item(f"item {number}", number) for number in range(7)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    home = str(Path(__file__).resolve().parents[2])
    wanted = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "PYTHONPATH": os.pathsep.join([home, f"{home}/src", os.environ.get("PYTHONPATH", "")]),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wanted.items():
            patch.setenv(name, value)
        from ray.cluster_utils import Cluster

        machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
        machines.add_node(num_cpus=2)
        yield machines
        machines.shutdown()


@pytest.fixture
def two(cluster: Any) -> Spread:
    return Spread("ray", workers=2, address=cluster.address)


def test_a_cluster_gives_what_processes_give_in_the_same_order_and_says_as_much(two: Spread) -> None:
    here: list[int] = []
    there: list[int] = []
    expected = list(spread(Halves(), ITEMS, Spread(workers=2), step=here.append))
    assert list(spread(Halves(), ITEMS, two, step=there.append)) == expected
    assert sorted(there) == sorted(here) == [0, 2, 4, 6]


def test_errors_are_rows_and_work_that_cannot_start_says_why(two: Spread) -> None:
    faults = list(spread(Loud(), [Item("a", "input"), Item("b", "other")], two))
    assert isinstance(faults[0].error, InputError) and faults[0].reason == "Not this one."
    assert type(faults[1].error) is MienError and faults[1].reason == "ZeroDivisionError: by nothing"
    with pytest.raises(InputError, match="nothing to start with"):
        list(spread(Refusing(), ITEMS, two))


def test_deadly_and_silent_items_are_given_up_and_the_others_are_done(
    two: Spread, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    items = [Item(f"item {number}", number) for number in range(8)]
    done = list(spread(Deadly(tmp_path, {3: 99, 5: 1}), items, two))
    assert [one.value for one in done] == [n / 2 if n != 3 else None for n in range(8)]
    assert done[3].status == CRASHED
    assert [len(list(tmp_path.glob(f"{number}-*"))) for number in (3, 5)] == [3, 2]
    slow = Spread("ray", workers=2, address=two.address, time_limit_s=2.0)
    done = list(spread(Sleepy(), [Item(name, name) for name in ("a", "silent")], slow))
    assert [one.value for one in done] == ["a", None] and done[1].end == SILENT
    assert "died or was killed" not in "".join(capfd.readouterr()), "what Ray says of it is nobody's business"


def test_a_machine_that_is_lost_costs_nothing(cluster: Any, tmp_path: Path) -> None:
    lost = cluster.add_node(num_cpus=2, resources={"spare": 1})
    four = Spread("ray", workers=6, address=cluster.address)
    done: list[Any] = []

    def lose() -> None:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("at-*"))) < 6 and time.monotonic() < deadline:
            time.sleep(0.1)
        lost.kill_raylet()

    killer = threading.Thread(target=lose)
    killer.start()
    try:
        done = list(spread(Where(tmp_path), [Item(str(n), n) for n in range(24)], four))
    finally:
        killer.join()
        cluster.remove_node(lost, allow_graceful=False)
    assert [one.value for one in done] == list(range(24))
    assert len(list(tmp_path.glob("at-*"))) >= 6


def test_without_an_address_only_the_loopback_listens_and_nobody_is_told() -> None:
    # In a process of its own: what Ray reads while it is imported is read once.
    code = (
        "import os, subprocess\n"
        "from mien.engine.spread import workers_for\n"
        "from mien.engine.work import Item, Spread\n"
        "from tests.engine.works import Listening\n"
        "with workers_for(Listening(), Spread('ray', workers=1)) as spreading:\n"
        "    print(*[done.result() for done in spreading([Item('a', os.getpid())])])\n"
    )
    home = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(home), str(home / "src"), os.environ.get("PYTHONPATH", "")])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    ended = subprocess.run(
        [sys.executable, "-c", code], env={**clean, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=120
    )
    assert ended.stdout.split() == ["0", "['127.0.0.1']"], ended.stdout + ended.stderr[-2000:]


def test_an_address_where_nobody_listens_is_refused_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(MienError, match=f"does not answer at {address}"):
        list(spread(Halves(), ITEMS, Spread("ray", address=address)))
