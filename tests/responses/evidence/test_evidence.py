"""Evidence for a probe's answer: of the very network that gave the answers, on the parts that it rests on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

import mien  # noqa: E402
from mien.core.errors import InputError  # noqa: E402
from mien.core.samples import Samples  # noqa: E402
from mien.nets.layers import spread  # noqa: E402
from mien.responses.evidence.network import ProbeNetwork  # noqa: E402
from mien.responses.frozen import frozen_body  # noqa: E402
from mien.responses.probes.linear import Direction  # noqa: E402

SIDE = 32
EYES, MOUTH = (slice(8, 14), slice(6, 26)), (slice(24, 28), slice(10, 22))


def bright(folder: Path, sources: int = 14) -> Samples:
    """Pictures of which faces are bright where eyes would be; all have known parts."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    names, boxes = [], ["path,part,x0,y0,x1,y1"]
    for number in range(2 * sources):
        pixels = rng.integers(0, 90, (SIDE, SIDE, 3), dtype=np.uint8)
        pixels[EYES] += 140 * (number % 2)
        names.append(f"{number}.png")
        Image.fromarray(pixels).save(folder / names[-1])
        boxes += [f"{names[-1]},eyes,6,8,26,14", f"{names[-1]},mouth,10,24,22,28"]
    (folder / "parts.csv").write_text("\n".join(boxes) + "\n")
    category = ["face" if number % 2 else "cup" for number in range(2 * sources)]
    return Samples(path=names, subject=[f"s{n}" for n in range(2 * sources)], labels={"category": category},
                   root=folder, things=True)  # fmt: skip


def test_body_and_probe_are_one_network_that_gives_the_probes_own_answers(tmp_path: Path) -> None:
    from mien.responses.pictures import content_of, square

    samples = bright(tmp_path)
    body = frozen_body("songnet", weights="random", size=SIDE)
    pixels = np.stack([square(content_of(file)[0], file.name, SIDE, "crop") for file in samples.files()])
    x = torch.from_numpy(pixels.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    rng = np.random.default_rng(0)
    for whole in (False, True):
        shown = mien.activations(body, samples, whole=whole, depth=4)
        for layer in spread(body.net, body.layers, 4):
            values = shown.layer(layer.name)
            direction = Direction(rng.normal(size=values.shape[1]), 0.7)
            network = ProbeNetwork(body, layer.name, direction)
            found = network(x).detach().numpy()[:, 0]
            expected = direction.answers(values)
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3 * np.abs(expected).max())
    x.requires_grad_(True)
    network(x).sum().backward()
    assert x.grad is not None and bool(x.grad.abs().sum() > 0)
    assert not any(part._forward_hooks for part in network.modules())
    with pytest.raises(InputError, match="The probe has 3 weights, but layer 'hidden'"):
        ProbeNetwork(body, "hidden", Direction(np.ones(3), 0.0))


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    samples = bright(folder / "p")
    lines = [f"{p},{c},{s}" for p, c, s in zip(samples.path, samples.labels["category"], samples.subject, strict=True)]
    (folder / "p" / "samples.csv").write_text("\n".join(["path,category,source", *lines]) + "\n")
    for seed in (0, 1):
        shown = mien.activations(
            "songnet", samples, folder / f"a{seed}", weights="random", seed=seed, size=SIDE, depth=3
        )
        mien.probe(shown, faces="face", n_permutations=99, output=folder / f"probe{seed}")
    return folder


@pytest.mark.parametrize("method", ["occlusion", "integrated-gradients", "grad-cam"])
def test_what_the_answer_rests_on_has_more_of_the_evidence_than_of_the_area(study: Path, method: str) -> None:
    samples = mien.read_stimuli(study / "p" / "samples.csv")
    found = mien.probe_evidence(study / "probe0", samples[1::2], method=method, layer="features.1")
    eyes, mouth = found.row("eyes", "for"), found.row("mouth", "for")
    assert eyes.density > 1.5 > mouth.density and eyes.share.p < 0.05 and eyes.sources == 14
    assert found.shares["for"].shape == (14, 5) and (found.answer > 0).all()


def test_the_disk_gives_it_back_and_other_bodies_stand_beside(study: Path, tmp_path: Path) -> None:
    found = mien.probe_evidence(
        study / "probe0", study / "p" / "samples.csv", tmp_path / "out", beside=[study / "probe1"], by="category",
        method="grad-cam", layer="features.1",
    )  # fmt: skip
    again = mien.load_probe_evidence(tmp_path / "out")
    assert str(again.rows) == str(found.rows)
    assert again.body == found.body and again.beside[0].weights == "random, seed 1"
    np.testing.assert_array_equal(again.shares["net"], found.shares["net"])
    other = found.row("eyes", "for", group="face", body="songnet (random, seed 1)")
    assert np.isfinite(other.less_body.value) and {row.group for row in found.rows} == {"cup", "face"}
    evidence = mien.load_evidence(tmp_path / "out" / "grad-cam" / "face")
    assert evidence.model["kind"] == "probe" and "it has never seen a face" in evidence.model["exposure"]
    assert len(evidence) == 28


def test_pictures_without_known_parts_are_left_out_and_said(study: Path, tmp_path: Path) -> None:
    samples = mien.read_stimuli(study / "p" / "samples.csv")
    table = tmp_path / "parts.csv"
    table.write_text("path,part,x0,y0,x1,y1\n1.png,eyes,6,8,26,14\n3.png,eyes,6,8,26,14\n")
    found = mien.probe_evidence(study / "probe0", samples, parts=table, method="grad-cam", layer="features.1")
    assert found.path.tolist() == ["1.png", "3.png"] and "26 of 28 pictures were left out" in found.notes[0]
    with pytest.raises(InputError, match="Nothing says where the parts of a face are in any of the 28 pictures"):
        mien.probe_evidence(study / "probe0", replace(samples, root=Path("/"), path=[str(f) for f in samples.files()]))


def test_a_body_that_is_not_the_probes_is_refused(study: Path) -> None:
    samples = mien.read_stimuli(study / "p" / "samples.csv")
    other = frozen_body("songnet", weights="random", seed=5, size=SIDE)
    with pytest.raises(InputError, match="has other weights than songnet"):
        mien.probe_evidence(study / "probe0", samples, body=other)
    with pytest.raises(InputError, match="no setting 'windw'"):
        mien.probe_evidence(study / "probe0", samples, windw=3)


def test_the_command_prints_shares_beside_areas(study: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from mien.cli.main import app

    words = ["probe-evidence", study / "probe0", study / "p" / "samples.csv", "-o", tmp_path / "s" / "evidence" / "im"]
    words += ["--method", "grad-cam", "--layer", "features.1", "--beside", study / "probe1", "--by", "category"]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    assert "songnet (random, seed 0): it has never seen a face. Layer features.1, grad-cam." in done.stdout
    assert "eyes" in done.stdout and "difference" in done.stdout
    assert (tmp_path / "s" / "provenance.json").is_file()
