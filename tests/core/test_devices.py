"""One place says where networks compute, and why; what cannot be used is a sentence, not a traceback."""

from types import SimpleNamespace

import pytest

from mien.core import devices
from mien.core.errors import InputError


class Gpus:
    """What torch says of a machine with some GPUs; ``broken`` ones are there and do not compute."""

    def __init__(self, count: int, broken: bool = False) -> None:
        def ones(n, device):
            if broken:
                raise RuntimeError("CUDA error: no kernel image is available\nmore lines")
            return SimpleNamespace(sum=lambda: n)

        self.ones = ones
        self.cuda = SimpleNamespace(
            is_available=lambda: count > 0, device_count=lambda: count, get_device_name=lambda name: "Made-up card"
        )


@pytest.fixture
def machine(monkeypatch):
    def make(count=0, build="CUDA 13.0", installed=True, broken=False):
        devices.gpu_problem.cache_clear()
        monkeypatch.setattr(devices, "find_spec", lambda name: object() if installed else None)
        monkeypatch.setattr(devices, "built_for", lambda: build)
        monkeypatch.setattr(devices, "require", lambda *args: Gpus(count, broken))

    yield make
    devices.gpu_problem.cache_clear()


def test_a_gpu_is_used_where_there_is_one(machine):
    machine(2)
    assert devices.checked_device("auto") == devices.checked_device("cuda") == "cuda:0"
    assert devices.checked_device("cuda:1") == "cuda:1" and devices.checked_device("cpu") == "cpu"
    assert devices.device_words("cuda:1") == "cuda:1 (Made-up card)"
    assert "cuda:0 (Made-up card): networks are" in devices.device_sentence()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"installed": False}, "torch is not installed"),
        ({"build": ""}, "this build of torch is for the processor alone"),
        ({"count": 0}, "this torch, built for CUDA 13.0, sees no GPU, or no driver that fits it"),
        ({"count": 1, "broken": True}, "the GPU 0 does not compute (CUDA error: no kernel image is available)"),
    ],
)
def test_without_one_the_processor_is_and_the_reason_is_said(machine, facts, why):
    machine(**facts)
    assert devices.checked_device("auto") == "cpu" and devices.device_sentence() == f"cpu: {why}"
    with pytest.raises(InputError, match="device='cuda' cannot be used here") as error:
        devices.checked_device("cuda")
    assert why in str(error.value)


def test_a_gpu_that_is_not_there_and_words_that_are_none(machine):
    machine(1)
    with pytest.raises(InputError, match=r"cuda:3.*torch sees 1 GPU, numbered from 0"):
        devices.checked_device("cuda:3")
    for name in ("mps", "cuda:", "cuda:x", "abacus", "cpu:1", 3):
        with pytest.raises(InputError, match="device is 'auto'"):
            devices.checked_device(name)
