"""Maps of impressions: quality of every method of ``mien embed`` on OMI's ratings, with tests of attributes.

``python -m benchmarks.manifold [--permutations N] [--seeds N] [--methods pca umap ...]``

Needs ``noncommercial/omi`` of the shared data, no faces and no weights. Each attribute is tested on a map that was made
without it (Holm over the attributes). The random map has as many points and no information: its quality any map has
for nothing.
"""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, data_root, write
from mien.core.errors import InputError, MissingExtra
from mien.data.samples import read_samples
from mien.manifold.embed import METHODS, embed
from mien.manifold.quality import map_quality

TESTED = ("happy", "trustworthy", "dominant", "attractive", "smart", "age", "memorable", "familiar")


def main() -> None:
    """Measure, print and keep in ``benchmarks/results/manifold.json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--permutations", type=int, default=999)
    parser.add_argument("--seeds", type=int, default=5, help="maps compared for stability")
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    given = arguments(parser, data=("omi",), permutations=99, seeds=2, methods=["pca", "isomap"])
    samples = read_samples(f"omi:{data_root() / 'noncommercial' / 'omi'}")
    result = {}
    for method in given.methods:
        start = time.perf_counter()
        try:
            found = embed(
                samples, method=method, attributes=TESTED, n_seeds=given.seeds, n_permutations=given.permutations
            )
        except (InputError, MissingExtra) as error:
            result[method] = {"left out": str(error)}
            print(f"{method}: left out. {error}", flush=True)
            continue
        result[method] = {
            "quality": {m.name: {"value": round(m.value, 4), "chance": round(m.chance, 4)} for m in found.measures},
            "attributes": {
                t.attribute: {
                    k: round(v, 4) for k, v in asdict(t).items() if k in ("explained", "chance", "p_corrected")
                }
                for t in found.tests
            },
            "seconds, with the maps for tests and stability": round(time.perf_counter() - start, 1),
        }
        shown = ", ".join(f"{m.name} {m.value:.3f} ({m.chance:.3f})" for m in found.measures)
        print(f"{method}: {shown}", flush=True)
    values = np.stack(list(samples.ratings.values()), axis=1)
    standard = (values - values.mean(0)) / values.std(0)
    chance = map_quality(standard, np.random.default_rng(0).normal(size=(len(values), 2)))
    random = {m.name: round(m.value, 4) for m in chance}
    write("manifold", {"rows": len(values), "columns": values.shape[1], "maps": result, "random map": random})


if __name__ == "__main__":
    main()
