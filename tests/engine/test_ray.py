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
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mien.core.errors import InputError, MienError
from mien.data.shards import shard_paths
from mien.engine.spread import spread
from mien.engine.work import CRASHED, SILENT, Item, Spread
from mien.faces.extract import extract
from tests.engine.works import Deadly, Halves, Loud, Refusing, Sleepy, Where
from tests.media import astronaut, save, write_video

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

        # Ray starts a process for each processor at once.
        machines = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        machines.add_node(num_cpus=1)
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
    slow = replace(two, time_limit_s=4.0)
    done = list(spread(Deadly(tmp_path, {3: 99, 4: 1}, silent=5), [Item(f"item {n}", n) for n in range(2, 7)], slow))
    assert [one.value for one in done] == [1.0, None, 2.0, None, 3.0]
    assert (done[1].status, done[3].end) == (CRASHED, SILENT)
    assert [len(list(tmp_path.glob(f"{number}-*"))) for number in (3, 4, 5)] == [3, 2, 1]
    assert "died or was killed" not in "".join(capfd.readouterr()), "what Ray says of it is nobody's business"


def test_who_says_how_far_it_is_is_not_silent(two: Spread) -> None:
    said: list[str] = []
    done = list(spread(Sleepy(), [Item("a", "a")], replace(two, time_limit_s=1.9), step=said.append))
    assert done[0].value == "a" and said == ["a"] * 4


def test_a_machine_that_is_lost_costs_nothing(cluster: Any, tmp_path: Path) -> None:
    lost = cluster.add_node(num_cpus=1, resources={"spare": 1})
    three = Spread("ray", workers=3, address=cluster.address)
    done: list[Any] = []

    def lose() -> None:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("at-*"))) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        lost.kill_raylet()

    killer = threading.Thread(target=lose)
    killer.start()
    try:
        done = list(spread(Where(tmp_path), [Item(str(n), n) for n in range(12)], three))
    finally:
        killer.join()
        cluster.remove_node(lost, allow_graceful=False)
    assert [one.value for one in done] == list(range(12))
    assert len(list(tmp_path.glob("at-*"))) >= 3


@pytest.mark.usefixtures("weights")
def test_extraction_writes_the_same_bytes(two: Spread, tmp_path: Path) -> None:
    face = astronaut()
    save(face, tmp_path / "set" / "a.png")
    write_video(tmp_path / "set" / "clip.mp4", [np.roll(face, 3 * t, axis=1) for t in range(4)])
    extract(tmp_path / "set", tmp_path / "here")
    extract(tmp_path / "set", tmp_path / "there", workers=2, threads=1, engine="ray", address=two.address)
    here, there = ({path.name: path.read_bytes() for path in shard_paths(tmp_path / n)} for n in ("here", "there"))
    assert here == there and len(here) == 2


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
