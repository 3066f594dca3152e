"""Memory and time of maps of many rows: ``python -m benchmarks.map_memory [--rows 20000] [METHOD ...]``.

Made-up data of 18 correlated columns; one map, its quality and one attribute test, each method in a process of its own.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, python, write
from mien.manifold.methods import METHODS


def one(method: str, rows: int) -> dict[str, float]:
    """Peak memory of this process, processor seconds and trustworthiness of one map."""
    import mien

    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 18)) @ rng.normal(size=(18, 18))
    attributes = {"made up": x[:, 0] + rng.normal(size=rows)}
    start = time.process_time()
    found = mien.embed(x, method=method, n_seeds=1, n_held_out=0, attributes=attributes)
    return {
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "processor_s": time.process_time() - start,
        "trustworthiness": found.measures[0].value,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("methods", nargs="*", default=list(METHODS))
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--one", action="store_true", help="Of the first method, in this process.")
    given = arguments(parser, rows=300, methods=["pca", "isomap"])
    if given.one:
        print(json.dumps(one(given.methods[0], given.rows)))
        return
    result = {}
    for method in given.methods:
        words = ("-m", "benchmarks.map_memory", method, "--rows", given.rows, "--one")
        result[method] = json.loads(python(*words))
    write("map_memory", {"rows": given.rows, "methods": result})


if __name__ == "__main__":
    main()
