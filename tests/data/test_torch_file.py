"""Arrays of torch's files are read without running anything, and crafted sizes cost no memory."""

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from mien.core.errors import WeightsError
from mien.data.torch_file import read_tensors

torch = pytest.importorskip("torch")


def stored(state: dict, zipped: bool = False) -> bytes:
    target = BytesIO()
    torch.save(state, target, _use_new_zipfile_serialization=zipped)
    return target.getvalue()


@pytest.mark.parametrize("zipped", [False, True])
def test_tensors_come_back_as_torch_wrote_them(zipped: bool) -> None:
    whole = torch.arange(24.0).reshape(2, 3, 4)
    state = {"a": whole, "part": whole[1, :, 1:3].T, "count": torch.tensor(7), "none": torch.zeros(0, 3)}
    state |= {"half": whole.half(), "double": whole.double()}
    found = read_tensors(stored(state, zipped))
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


def test_of_a_checkpoint_the_weights_are_kept() -> None:
    net = torch.nn.Linear(3, 2)
    learner = torch.optim.Adam(net.parameters())
    net(torch.ones(1, 3)).sum().backward()
    learner.step()
    whole = {"epoch": 3, "arch": "small", "state_dict": net.state_dict(), "optimizer": learner.state_dict()}
    found = read_tensors(stored(whole, zipped=True))
    assert list(found) == ["weight", "bias"]
    np.testing.assert_array_equal(found["weight"], net.weight.detach().numpy())


def test_a_pickled_module_and_a_zip_of_something_else_are_refused() -> None:
    with pytest.raises(WeightsError, match="not in the expected format"):
        read_tensors(b"PK" + bytes(200))
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", b"\x80\x02}." + bytes(10**6))
    with pytest.raises(WeightsError, match="compressed"):
        read_tensors(packed.getvalue())


@pytest.mark.parametrize("zipped", [False, True])
def test_mutated_files_are_refused_or_read(zipped: bool) -> None:
    content = stored({"w": torch.arange(12.0).reshape(3, 4), "b": torch.zeros(3)}, zipped)
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
