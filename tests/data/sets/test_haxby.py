"""The brain slice: blocks by run, volumes five seconds later; distances over runs equal rsatoolbox's."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rsatoolbox")
pytest.importorskip("nibabel")

import nibabel

import mien
from mien.compare.dissimilarity import crossnobis, precision_of
from mien.compare.scanner_matrix import pattern_dissimilarities
from mien.core.errors import InputError
from mien.data.sets.haxby import haxby_patterns


def made_up(folder: Path, runs: int = 4) -> Path:
    """Runs of 40 volumes in which the right half of the voxels answers to 'face', two volumes late."""
    rng = np.random.default_rng(0)
    for run in range(1, runs + 1):
        volume = rng.normal(100, 1, size=(4, 3, 1, 40)).astype(np.float32)
        volume[0] = 1  # no brain
        lines = ["onset\tduration\ttrial_type"]
        for i, name in enumerate(np.roll(["face", "house", "scrambledpix"], run)):
            lines.append(f"{10 + 30 * i}\t20\t{name}")
            if name == "face":
                first = int((10 + 30 * i + 5) / 2.5)
                volume[2:, :, :, first : first + 8] += 20
        nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), folder / f"run-{run:02d}.nii.gz")
        (folder / f"run-{run:02d}.tsv").write_text("\n".join(lines) + "\n")
    return folder


def test_blocks_are_read_late_and_voxels_outside_the_brain_are_not(tmp_path: Path) -> None:
    found = haxby_patterns(made_up(tmp_path))
    assert found.values.shape == (12, 9) and found.residuals.shape == (12 * 8, 9)
    face = found.category == "face"
    assert found.values[face][:, 3:].min() > 1 and np.abs(found.values[face][:, :3]).max() < 1
    assert set(found.category) == {"face", "house", "scrambled picture"} and "CC BY-SA 3.0" in found.licence


def test_distances_over_runs_are_those_of_rsatoolbox(tmp_path: Path) -> None:
    found = haxby_patterns(made_up(tmp_path))
    made = pattern_dissimilarities(found, n_splits=3)
    theirs = crossnobis(
        found.values, found.category, found.run, noise=precision_of(found.residuals, len(found.residuals) - 12)
    )
    np.testing.assert_allclose(made.values[0], theirs, rtol=1e-6, atol=1e-9)
    assert made.values[0, 0, 1] > 5 * abs(made.values[0, 1, 2]) and made.halves.shape == (3, 2, 3, 3)


def test_its_samples_are_blocks_that_no_fold_splits_by_run(tmp_path: Path) -> None:
    samples = mien.read_samples(f"haxby:{made_up(tmp_path)}")
    assert len(samples) == 12 and samples.subject[0] == "run-01" and samples.path[0] == "run-01/scrambled picture"


def test_a_missing_run_is_a_sentence(tmp_path: Path) -> None:
    (made_up(tmp_path) / "run-02.nii.gz").unlink()
    with pytest.raises(InputError, match=r"has no run-02.nii.gz"):
        haxby_patterns(tmp_path)


@pytest.mark.data("haxby")
def test_the_slice_as_it_is_given_out() -> None:
    from mien.data.sets.catalogue import SETS

    found = haxby_patterns(SETS["haxby"].place())
    made = pattern_dissimilarities(found, n_splits=5)
    assert found.values.shape[0] == 96 and len(made.names) == 8
    face, house, bottle, scissors = (made.names.index(n) for n in ("face", "house", "bottle", "scissors"))
    assert made.values[0, face, house] > 3 * made.values[0, bottle, scissors]
