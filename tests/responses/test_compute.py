"""Activations of pictures: the network's own numbers, whatever the batch, the block or the interruption."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

import mien  # noqa: E402
from mien.core.errors import InputError  # noqa: E402
from mien.core.samples import Samples  # noqa: E402
from mien.nets.lesions import silenced  # noqa: E402
from mien.responses import blocks, compute  # noqa: E402
from mien.responses.frozen import frozen_body  # noqa: E402

SIDE = 32
USUAL = {"weights": "random", "size": SIDE, "depth": 3}


def pictures(folder: Path, count: int = 7) -> Samples:
    """Pictures of several sizes, two of each source."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{i}.png" for i in range(count)]
    for i, name in enumerate(names):
        pixels = rng.integers(0, 255, (40 + 3 * i, 50 - 2 * i, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    category = ["face" if i % 2 else "cup" for i in range(count)]
    return Samples(
        path=names, subject=[f"s{i // 2}" for i in range(count)], labels={"category": category},
        ratings={"size": np.arange(count)}, root=folder, name="toy", licence="CC0", credit="nobody",
    )  # fmt: skip


def table(found) -> dict[str, np.ndarray]:
    return {name: np.asarray(found.values[name]) for name in found.layers}


def same(a, b, **tolerance) -> None:
    assert a.layers == b.layers and a.status.tolist() == b.status.tolist()
    for name in a.layers:
        np.testing.assert_allclose(np.asarray(a.values[name]), np.asarray(b.values[name]), **tolerance)


def test_a_batch_is_its_pictures_one_by_one(tmp_path: Path) -> None:
    samples = pictures(tmp_path)
    one, five = (mien.activations("songnet", samples, batch_size=n, **USUAL) for n in (1, 5))
    same(one, five, rtol=1e-4, atol=1e-6)
    assert one.samples.labels["category"].tolist() == samples.labels["category"].tolist()


def test_the_answers_are_the_networks_own(tmp_path: Path) -> None:
    samples = pictures(tmp_path, 1)
    pixels = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(samples.files()[0])
    body = frozen_body("songnet", weights="random", size=SIDE)
    found = mien.activations(body, samples, layers=["hidden", "features.2"], whole=True)
    x = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    # By hand: layer after layer.
    maps = (x - body.module.mean) / body.module.sd
    for part in list(body.net.features)[:3]:
        maps = part(maps)
    assert found.layers == ("features.2", "hidden")
    np.testing.assert_allclose(found.values["features.2"], maps.numpy(), rtol=1e-5, atol=1e-6)


def test_whole_maps_averaged_are_the_pooled_answers(tmp_path: Path) -> None:
    samples = pictures(tmp_path)
    maps = mien.activations("songnet", samples, whole=True, **USUAL)
    pooled = mien.activations("songnet", samples, **USUAL)
    for name, values in table(maps).items():
        flat = values.reshape(*values.shape[:2], -1).mean(2) if values.ndim > 2 else values
        np.testing.assert_allclose(flat, pooled.values[name], rtol=1e-4, atol=1e-6)


def test_the_disk_gives_back_what_memory_holds(tmp_path: Path) -> None:
    samples = pictures(tmp_path / "p")
    memory = mien.activations("songnet", samples, **USUAL)
    written = mien.activations("songnet", samples, tmp_path / "out", **USUAL)
    found = mien.load_activations(tmp_path / "out")
    same(written, memory, rtol=0)
    same(found, memory, rtol=0)
    assert found.body == memory.body and found.shapes == memory.shapes
    for name in ("path", "subject", "name", "licence", "credit"):
        assert np.array_equal(getattr(found.samples, name), getattr(samples, name))
    assert found.samples.files() == samples.files() and found.samples.ratings["size"].tolist() == list(range(7))
    assert found[np.array([3, 1])].samples.path.tolist() == ["3.png", "1.png"]


def test_work_that_was_interrupted_goes_on_and_loses_one_block(tmp_path: Path, monkeypatch) -> None:
    samples = pictures(tmp_path / "p")
    monkeypatch.setattr(blocks, "MOST_ROWS", 2)
    whole = mien.activations("songnet", samples, tmp_path / "whole", **USUAL)

    def stop(done: int, total: int) -> None:
        if done > 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mien.activations("songnet", samples, tmp_path / "out", progress=stop, **USUAL)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "blocks").glob("*.safetensors")}
    assert len(kept) == 2
    with pytest.raises(InputError, match="begun and not finished"):
        mien.load_activations(tmp_path / "out")
    resumed = mien.activations("songnet", samples, tmp_path / "out", **USUAL)
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items()), "a finished block was computed again"
    same(resumed, whole, rtol=0)


def computed_blocks(monkeypatch) -> list[int]:
    """Counts blocks that are computed from here on."""
    counted: list[int] = []
    real = compute._computed
    monkeypatch.setattr(compute, "_computed", lambda *args: counted.append(1) or real(*args))
    return counted


def test_a_changed_picture_and_a_damaged_block_are_computed_again_and_nothing_else(tmp_path: Path, monkeypatch) -> None:
    samples = pictures(tmp_path / "p")
    monkeypatch.setattr(blocks, "MOST_ROWS", 2)
    first = mien.activations("songnet", samples, tmp_path / "out", **USUAL)
    before = table(first)
    counted = computed_blocks(monkeypatch)
    mien.activations("songnet", samples, tmp_path / "out", **USUAL)
    assert not counted
    damaged = next((tmp_path / "out" / "blocks").glob("*.safetensors"))
    content = bytearray(damaged.read_bytes())
    content[-3] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        [mien.load_activations(tmp_path / "out").layer(name) for name in first.layers]
    again = mien.activations("songnet", samples, tmp_path / "out", **USUAL)
    assert len(counted) == 1
    same(again, first, rtol=0)
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(samples.files()[4])
    other = table(mien.activations("songnet", samples, tmp_path / "out", **USUAL))
    assert len(counted) == 2
    for name, values in other.items():
        changed = (values != before[name]).any(axis=1)
        assert changed.tolist() == [i == 4 for i in range(7)]
    assert len(list((tmp_path / "out" / "blocks").glob("*"))) == 4


def test_other_weights_and_settings_are_other_blocks(tmp_path: Path, monkeypatch) -> None:
    samples = pictures(tmp_path / "p", 3)
    a = frozen_body("songnet", weights="random", seed=1, size=SIDE)
    from safetensors.torch import save_file

    save_file({key: value.contiguous() for key, value in a.net.state_dict().items()}, tmp_path / "w.safetensors")
    counted = computed_blocks(monkeypatch)
    found = {}
    for name, more in {
        "seed 0": {}, "seed 1": {"seed": 1}, "file": {"weights": str(tmp_path / "w.safetensors")},
        "letterbox": {"fit": "letterbox"}, "half": {"float16": True},
    }.items():  # fmt: skip
        found[name] = table(
            mien.activations("songnet", samples, tmp_path / "out", replace_others=True, **{**USUAL, **more})
        )
    # The file holds the weights of seed 1, so that its block is there already.
    assert len(counted) == 4
    last = list(found["seed 0"])[-1]
    assert np.array_equal(found["seed 1"][last], found["file"][last])
    for name in ("seed 1", "letterbox"):
        assert not np.array_equal(found["seed 0"][last], found[name][last])
    repeated = table(mien.activations("songnet", samples, **USUAL, seed=1))
    assert all(np.array_equal(repeated[key], found["seed 1"][key]) for key in repeated)


def test_half_of_the_digits_are_close_and_what_does_not_fit_is_said(tmp_path: Path) -> None:
    samples = pictures(tmp_path / "p", 3)
    full, half = (mien.activations("songnet", samples, float16=f, **USUAL) for f in (False, True))
    same(half, full, rtol=2e-3, atol=1e-6)
    assert half.values[half.layers[0]].dtype == np.float16 and not half.notes

    class Loud(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.nn.Conv2d(3, 2, 1)
            torch.nn.init.constant_(self.conv.weight, 1e6)

        def forward(self, x):
            return self.conv(x)

    loud = mien.activations(Loud(), samples, tmp_path / "out", float16=True, size=SIDE)
    assert np.isfinite(loud.layer("conv")).all() and float(loud.layer("conv").max()) == 65504
    assert "6 values were beyond float16" in loud.notes[0]
    assert mien.load_activations(tmp_path / "out").notes == loud.notes


def test_pictures_that_cannot_be_read_are_rows_with_a_status(tmp_path: Path) -> None:
    samples = pictures(tmp_path / "p", 5)
    files = samples.files()
    files[1].write_text("no picture")
    files[3].unlink()
    found = mien.activations("songnet", samples, tmp_path / "out", **USUAL)
    assert found.status.tolist() == ["ok", "unreadable", "ok", "unreadable", "ok"]
    values = found.layer(found.layers[0])
    assert np.isnan(values[[1, 3]]).all() and np.isfinite(values[found.ok]).all()
    assert found.notes == ("2 of 5 pictures have no activations: unreadable.",)
    whole = mien.activations("songnet", samples[[0, 2, 4]], **USUAL)
    np.testing.assert_allclose(values[found.ok], whole.layer(found.layers[0]), rtol=1e-5, atol=1e-7)
    # A file that comes back is read.
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(files[3])
    assert mien.activations("songnet", samples, tmp_path / "out", **USUAL).ok.sum() == 4
    with pytest.raises(InputError, match=r"None of the 1 pictures could be used: .*1.png is unreadable"):
        mien.activations("songnet", samples[[1]], **USUAL)


def test_a_network_that_gives_no_numbers_is_a_status(tmp_path: Path) -> None:
    class Broken(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.log = torch.nn.Identity()

        def forward(self, x):
            return self.log(torch.where(x.mean((1, 2, 3), keepdim=True) < 0.2, torch.nan, x))

    samples = pictures(tmp_path, 3)
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(samples.files()[1])
    found = mien.activations(Broken(), samples, size=SIDE)
    assert found.status.tolist() == ["ok", "not finite", "ok"]


def test_letterboxes_show_the_whole_picture_and_crops_its_middle(tmp_path: Path) -> None:
    from mien.responses.pictures import GREY, square

    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, :20], wide[:, 40:] = 200, 100
    Image.fromarray(wide).save(tmp_path / "w.png")
    content = (tmp_path / "w.png").read_bytes()
    cropped, boxed = (square(content, "w.png", 30, fit) for fit in ("crop", "letterbox"))
    assert cropped.shape == boxed.shape == (30, 30, 3)
    assert cropped[:, 3:-3].max() == 0
    assert (boxed[:10] == GREY).all() and (boxed[20:] == GREY).all()
    assert (boxed[10:20, :10] == 200).all() and (boxed[10:20, 20:] == 100).all()


def test_a_lesion_is_in_memory_only(tmp_path: Path) -> None:
    samples = pictures(tmp_path / "p", 3)
    body = frozen_body("songnet", weights="random", size=SIDE)
    layer = "features.2"
    before = mien.activations(body, samples, layers=[layer])
    with silenced(body.net, layer, [0, 5]):
        found = mien.activations(body, samples, layers=[layer])
        with pytest.raises(InputError, match="silences units of it"):
            mien.activations(body, samples, tmp_path / "out")
    assert not found.layer(layer)[:, [0, 5]].any()
    others = [i for i in range(found.shapes[layer][0]) if i not in (0, 5)]
    assert np.array_equal(found.layer(layer)[:, others], before.layer(layer)[:, others])
    same(mien.activations(body, samples, layers=[layer]), before, rtol=0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"layers": "featurs.2"}, r"songnet has no layer 'featurs.2'. Did you mean 'features.2'\? It has: features.0"),
        ({"weights": "pretrained"}, "Nobody publishes weights of 'songnet'"),
        ({"weights": "gone.pth"}, "there is no file 'gone.pth'"),
        ({"exposure": "some"}, "exposure is one of none, blurred"),
        ({"exposure": "blurred"}, "what they have seen of faces is 'none', not 'blurred'"),
        ({"fit": "stretch"}, "fit is one of crop, letterbox"),
        ({"batch_size": 0}, "batch_size"),
        ({"size": 3}, "size"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(tmp_path: Path, settings, words) -> None:
    with pytest.raises(InputError, match=words):
        mien.activations("songnet", pictures(tmp_path, 1), **{**USUAL, **settings})


def test_a_folder_without_activations_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder of activations"):
        mien.load_activations(tmp_path / "gone")
    with pytest.raises(InputError, match=r"holds no activations.json. Run 'mien activations' again"):
        mien.load_activations(tmp_path)
    with pytest.raises(InputError, match=r"There is no body 'no-such-net'|needs the package 'timm'|needs torchvision"):
        mien.activations("no-such-net", pictures(tmp_path / "p", 1))
    with pytest.raises(InputError, match="is no folder of a model"):
        mien.activations(str(tmp_path / "p"), pictures(tmp_path / "p", 1))


def test_a_folder_with_other_answers_is_not_replaced_unasked(tmp_path: Path) -> None:
    shown, settings = pictures(tmp_path), {"weights": "random", "size": 32}
    first = mien.activations("songnet", shown, tmp_path / "a", depth=3, **settings)
    with pytest.raises(InputError, match=r"holds other layers.*--replace-others"):
        mien.activations("songnet", shown, tmp_path / "a", layers=["hidden"], **settings)
    with pytest.raises(InputError, match=r"holds answers of songnet \(random, seed 0\)"):
        mien.activations("songnet", shown, tmp_path / "a", depth=3, seed=1, **settings)
    assert mien.load_activations(tmp_path / "a").layers == first.layers
    again = mien.activations("songnet", shown, tmp_path / "a", layers=["hidden"], replace_others=True, **settings)
    assert again.layers == ("hidden",)
