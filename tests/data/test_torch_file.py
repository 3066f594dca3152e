"""Arrays of torch's old format are read without running anything, and crafted sizes cost no memory."""

import struct
from io import BytesIO

import numpy as np
import pytest

from mien.core.errors import WeightsError
from mien.data.torch_file import read_tensors

torch = pytest.importorskip("torch")


def stored(state: dict) -> bytes:
    target = BytesIO()
    torch.save(state, target, _use_new_zipfile_serialization=False)
    return target.getvalue()


def test_tensors_come_back_as_torch_wrote_them() -> None:
    whole = torch.arange(24.0).reshape(2, 3, 4)
    state = {"a": whole, "part": whole[1, :, 1:3].T, "count": torch.tensor(7), "none": torch.zeros(0, 3)}
    found = read_tensors(stored(state))
    assert list(found) == list(state)
    for name, tensor in state.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())


def test_crafted_sizes_are_refused_before_memory_is_taken() -> None:
    """A file of 500 bytes once asked for 16 GB."""
    content = stored({"w": torch.zeros(4)})
    size = content.index(b"K\x04\x85")
    claims = [b"J" + struct.pack("<i", 2**31 - 1) + b"\x85", b"K\xff\x85", b"J" + struct.pack("<i", -4) + b"\x85"]
    for claim in claims:
        with pytest.raises(WeightsError, match="not in the expected format"):
            read_tensors(content[:size] + claim + content[size + 3 :])
    count = content.rindex(struct.pack("<q", 4))
    for claim in (2**40, -1, 5):
        with pytest.raises(WeightsError, match="does not fit into the file"):
            read_tensors(content[:count] + struct.pack("<q", claim) + content[count + 8 :])


def test_mutated_files_are_refused_or_read() -> None:
    content = stored({"w": torch.arange(12.0).reshape(3, 4), "b": torch.zeros(3)})
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            damaged[place] = rng.integers(256)
        try:
            found = read_tensors(bytes(damaged))
        except WeightsError:
            continue
        assert sum(array.size for array in found.values()) <= 8 * len(content)
