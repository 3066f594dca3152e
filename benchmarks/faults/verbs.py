"""The verbs of a small study: what each reads and writes, with two variants, so that one is older than the other."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.files import write_text

FRAMES, SIDE_PX = 5, 112
# The smallest study that still has folds, pictures and everything else.
QUICK = ("synthesize", "train classes", "explain", "report")


@dataclass(frozen=True)
class Verb:
    """A verb with its words.

    Attributes
    ----------
    name : str
    words, older : tuple of str
        What is run, and the same into the same place with other settings, as an earlier run may have been.
    writes : tuple of str
        Files and folders that it writes, relative to the study.
    together : tuple of str
        Those of them of which no reader may see some of an old and some of a new run; of the others, each file.
    """

    name: str
    words: tuple[str, ...]
    older: tuple[str, ...]
    writes: tuple[str, ...]
    together: tuple[str, ...] = ()


def verbs(place: Path, *, subjects: int = 6, quick: bool = False) -> list[Verb]:
    """Every verb with what it writes, in an order in which each needs what the ones before wrote; quick: a few."""
    at = {name: str(place / name) for name in (
        "people", "people/pictures", "people/pictures.csv", "ratings.csv", "film.mp4", "tool.csv", "tool",
        "photos", "film", "study", "study/models/m", "study/models/trees", "study/models/r", "study/models/s",
        "study/evidence/m", "study/faithfulness/m", "study/reduction/m", "study/maps/m", "study/comparison", "ready",
        "others",
    )}  # fmt: skip

    def one(name: str, common: list[str], new: list[str], old: list[str], writes: list[str], *together: str) -> Verb:
        return Verb(name, (*common, *new), (*common, *old), tuple(writes), together)

    few = ["--n-folds", "4"]
    ratings = ["train", at["ratings.csv"], "--faces", at["tool"], "--target", "warm,kind", *few]
    seeds = ["--seed", "0"], ["--seed", "1"]
    network = ["--points", "ibug-68", "--set", "units=32"]
    pictures = [] if quick else ["--pictures", "--size-px", str(SIDE_PX)]
    found = [
        one("synthesize", ["synthesize", "-o", at["people"], "--subjects", str(subjects), "--frames", str(FRAMES),
                           "--expressions", "neutral,smile", *pictures], *seeds, ["people"], "people"),
        one("extract pictures", ["extract", at["people/pictures"], "-o", at["photos"], "--draw", "--threads", "1"],
            [], ["--smallest-face-px", "60"], ["photos"]),
        one("extract film", ["extract", at["film.mp4"], "-o", at["film"], "--draw", "--threads", "1"],
            [], ["--every", "2"], ["film"]),
        one("import", ["import", at["tool.csv"], "-o", at["tool"]], ["--features", "AU*"], ["--features", "AU0*"],
            ["tool"]),
        one("train classes", ["train", at["people"], "--target", "expression", *few, "-o", at["study/models/m"]],
            *seeds, ["study/models/m"], "study/models/m"),
        one("train trees", ["train", at["people"], "--target", "expression", "--model", "trees", *few, "-o",
                            at["study/models/trees"]], *seeds, ["study/models/trees"], "study/models/trees"),
        one("train ratings", [*ratings, "--features", "AU*", "-o", at["study/models/r"]], *seeds, ["study/models/r"],
            "study/models/r"),
        one("train other ratings", [*ratings, "--features", "AU12", "-o", at["study/models/s"]], *seeds,
            ["study/models/s"], "study/models/s"),
        one("synthesize others", ["synthesize", "-o", at["others"], "--subjects", "4", "--frames", str(FRAMES),
                                  "--expressions", "neutral,smile", "--seed", "7"], [], ["--noise-px", "1"],
            ["others"], "others"),
        one("evaluate", ["evaluate", at["study/models/m"], at["others"], "--other-people"], *seeds, []),
        one("explain", ["explain", at["study/models/m"], at["people"], "-o", at["study/evidence/m"]],
            ["--target", "smile", "--n-steps", "4"], ["--target", "smile", "--n-steps", "2"], ["study/evidence/m"],
            "study/evidence/m"),
        one("evaluate-evidence", ["evaluate-evidence", at["study/models/m"], at["people"], "-o",
                                  at["study/faithfulness/m"], "--method", "integrated-gradients", "--metric",
                                  "deletion", "--n-steps", "4"], *seeds, ["study/faithfulness/m"]),
        one("reduce", ["reduce", at["people"], "--target", "expression", "-o", at["study/reduction/m"], "--counts",
                       "8,4", "--methods", "one-shot,random", "--n-random", "2", "--n-folds", "3", *network], *seeds,
            ["study/reduction/m"], "study/reduction/m"),
        one("embed", ["embed", at["people"], "--of", "scores", "--model", at["study/models/m"], "--attribute",
                      "smile", "--n-seeds", "2", "-o", at["study/maps/m"]], ["--n-permutations", "99"],
            ["--n-permutations", "199"], ["study/maps/m"], "study/maps/m/pca"),
        one("compare-models", ["compare-models", at["study/models/r"], at["study/models/s"], "-o",
                               at["study/comparison"], "--n-permutations", "99"], *seeds, ["study/comparison"]),
        one("report", ["report", at["study"]], ["--show-names"], [], ["study/report.html"]),
        one("study run", ["study", "run", at["ready"]], [], [], ["ready"], "ready/models/landmark-rvfl",
            "ready/evidence/landmark-rvfl/integrated-gradients/neutral",
            "ready/evidence/landmark-rvfl/integrated-gradients/smile", "ready/reduction/landmark-rvfl"),
    ]  # fmt: skip
    return [verb for verb in found if not quick or verb.name in QUICK]


SETTINGS = """study = "fast-landmarks"
[samples]
source = "../people"
target = "expression"
[features]
points = "ibug-68"
[networks]
train = ["landmark-rvfl"]
[folds]
n_folds = 3
seed = {seed}
[evidence]
settings = {{ n_steps = 2 }}
n_baselines = 2
[reduction]
counts = [8]
methods = ["one-shot", "random"]
n_random = 2
"""


def given(place: Path, verb: str, older: bool = False) -> None:
    """Write what a verb reads and no verb writes: a film, another tool's table, ratings, a study's settings."""
    if verb == "extract film":
        _film(place / "film.mp4", sorted((place / "people" / "pictures").glob("*.png"))[:1], 8)
    elif verb == "import":
        _tables(place)
    elif verb == "study run":
        write_text(place / "ready" / "study.toml", SETTINGS.format(seed=int(older)))


def _film(path: Path, pictures: list[Path], frames: int) -> None:
    import av

    from mien.data.media.pictures import read_picture

    if path.exists():
        return
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = SIDE_PX, SIDE_PX, "yuv420p"
        for number in range(frames):
            picture = read_picture(pictures[number % len(pictures)])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def _tables(place: Path) -> None:
    rng = np.random.default_rng(5)
    with (place / "people" / "pictures.csv").open() as file:
        rows = list(csv.DictReader(file))
    smiles = [row["expression"] == "smile" for row in rows]
    ratings = ["path,subject,warm,kind"] + [
        f"people/{row['path']},{row['subject']},{3 + 2 * smile + rng.normal():.3f},{4 - smile + rng.normal():.3f}"
        for row, smile in zip(rows, smiles, strict=True)
    ]
    tool = ["source,AU01,AU06,AU12"] + [
        f"people/{row['path']},{rng.random():.3f},{rng.random() + smile:.3f},{rng.random() + 2 * smile:.3f}"
        for row, smile in zip(rows, smiles, strict=True)
    ]
    for path, lines in ((place / "ratings.csv", ratings), (place / "tool.csv", tool)):
        if not path.exists():
            write_text(path, "\n".join(lines) + "\n")
