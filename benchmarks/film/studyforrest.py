"""How often four portrayed emotions are there in each run of StudyForrest. ``python -m benchmarks.film.studyforrest``.

Observers marked from when to when a character of the film portrays an emotion; agreement is the share of those who
did. A volume of the scanner (2 s) counts where the largest agreement over characters that holds in its middle is .5
or more, with the annotation as it is and looked at 5 s earlier (haemodynamic shift). Volumes whose middle less the
shift lies before the run are missing: they count neither way. Beside it how much the share moves where a volume counts
if the emotion is there for half of it. ``--quick`` takes the annotation of a made-up film.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import arguments, data_root, write
from mien.core.streams import Runs, Stream
from mien.data.streams.annotations import read_annotations
from mien.data.streams.placing import placed
from mien.data.streams.store import read_runs
from mien.data.streams.windows import Windows, onto, share_of_time
from mien.data.synthetic.film.plot import plot
from mien.data.synthetic.film.tables import emotions_table, runs_table

EMOTIONS = {"happiness": "e_happiness", "anger": "e_anger/rage", "fear": "e_fear", "sadness": "e_sadness"}
VOLUME_S, AGREEMENT, SHIFTS_S = 2.0, 0.5, (0.0, 5.0)
TABLE, RUNS = "emotions_av_1s_events.tsv", "fmri_segments.csv"


def volumes(runs: Runs, run: str) -> Windows:
    """Volumes that fit into a run."""
    length = float(runs.length_s[runs.name == run][0])
    start = np.arange(int(length // VOLUME_S)) * VOLUME_S
    return Windows(np.full(len(start), run, object), start, VOLUME_S, np.full(len(start), "", object))


def prevalence(portrayed: Stream, runs: Runs, run: str, shift_s: float) -> dict[str, float]:
    """Share of a run's volumes in which each emotion is portrayed by any character."""
    at = volumes(runs, run)
    inside = at.start_s + VOLUME_S / 2 - shift_s >= 0
    most = onto(portrayed, at, rule="hold", overlap="max", lag_s=shift_s)[inside]
    agreed = [most[:, portrayed.columns.index(column)] >= AGREEMENT for column in EMOTIONS.values()]
    return dict(zip(EMOTIONS, np.mean(agreed, axis=1).tolist(), strict=True))


def half(portrayed: Stream, runs: Runs, run: str) -> dict[str, float]:
    """The same where a volume counts if the emotion is there for half of it or more."""
    holds = np.stack([portrayed.column(column) >= AGREEMENT for column in EMOTIONS.values()], axis=1)
    shares = share_of_time(portrayed, holds, volumes(runs, run))
    return dict(zip(EMOTIONS, (shares >= 0.5 - 1e-9).mean(axis=0).tolist(), strict=True))


def measure(folder: Path) -> dict:
    """All runs of a film."""
    start = time.process_time()
    runs = read_runs(folder / RUNS)
    portrayed = placed(read_annotations(folder / TABLE), runs)
    rows = []
    for run in runs.name.tolist():
        by_shift = {f"{shift:g} s": prevalence(portrayed, runs, run, shift) for shift in SHIFTS_S}
        moved = half(portrayed, runs, run)
        most = max(abs(moved[name] - by_shift["0 s"][name]) for name in EMOTIONS)
        rows.append({"run": run, "volumes": len(volumes(runs, run)), **by_shift, "half the volume instead": most})
    return {"table": TABLE, "agreement": AGREEMENT, "runs": rows, "cpu_s": round(time.process_time() - start, 2)}


def made_up() -> dict:
    """The same of a made-up film of four minutes."""
    with tempfile.TemporaryDirectory() as folder:
        film = plot(4.0, 2, 0)
        (Path(folder) / TABLE).write_text(emotions_table(film))
        (Path(folder) / RUNS).write_text(runs_table(film))
        return measure(Path(folder))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    result = made_up() if arguments(parser).quick else measure(data_root() / "studyforrest")
    write("film_studyforrest", result)
