"""BUHMAP as a small cohort: functionals and trees, 8 classes, each person left out once.

``python -m benchmarks.cohort.buhmap [--quick]`` needs ``buhmap/`` of the shared data. ``--quick``: two folds of people
instead of eleven, and one of the sets of measures.
The landmark networks on the same people: ``python -m benchmarks.landmark_networks``.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, data_root, write
from mien.data.sets.buhmap import buhmap_faces
from mien.data.shards import name_hash, write_shard

# Nothing was tried but these; which groups of statistics carry the classes, and what the shares of channels do.
ASKED = {
    "all functionals": "*",
    "action units alone": "AU*",
    "head alone": "pitch *,yaw *,roll *,head *",
    "level alone": "*mean,* sd,* median,* p10,* p90,* iqr",
}


def study_of(folder: Path) -> Path:
    """OpenFace's output of all clips as one shard each."""
    faces = buhmap_faces(data_root() / "buhmap")
    for name, rows in faces.by_source():
        write_shard(faces[rows], folder / "faces" / f"{name}-{name_hash(name)}-{0:016x}.parquet", {"source": name})
    return folder


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given = arguments(parser, data=("buhmap",))
    scheme = {"scheme": "stratified", "n_folds": 2} if given.quick else {"scheme": "leave-one-subject-out"}
    samples = f"buhmap:{data_root() / 'buhmap'}"
    with tempfile.TemporaryDirectory() as scratch:
        study = study_of(Path(scratch))
        # The shortest clips last .6 s.
        found = mien.functionals(study, min_duration_s=0.5)
        result = {"recordings": found.recordings, "frames": found.frames, "measures": len(found.codebook)}
        for name, patterns in list(ASKED.items())[: 1 if given.quick else None]:
            trained = mien.train(
                samples, target="label", model="trees", faces=study, features=f"functionals:{patterns}", **scheme
            )
            assert trained.evaluation is not None
            score = trained.evaluation.scores["accuracy"]
            result[name] = {
                "accuracy": score.value, "low": score.low, "high": score.high, "chance": score.chance,
                "features": len(trained.model.feature_names),
            }  # fmt: skip
            print(name, score, flush=True)
        write("cohort_buhmap", result)


if __name__ == "__main__":
    main()
