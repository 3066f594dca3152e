"""A disk that is full at the n-th write, for every n: a sentence, nothing lost, and the next run completes."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.forked import ONCE, ONWARDS, Ended, Interruption, mien, shim
from benchmarks.faults.killed import mixed, rerun
from benchmarks.faults.outcomes import CRASH, FINE, LOST, SENTENCE, TRACEBACK, Outcome
from benchmarks.faults.readers import read_everything
from benchmarks.faults.study import Known, SmallStudy, differing, quick_study
from benchmarks.faults.workers import Worker

# A case is a write of a verb, in one of two ways: all fail from it on, over an older result where there can be one; or
# only this one fails, in an empty folder.
WAYS = {ONWARDS: "full from a write on, over an older result", ONCE: "one write fails, from nothing"}
MOST_CALLS = 1000
# One of these is in every sentence about a disk that is full.
WORDS = ("could not be written", "cannot be written to", "No space left on device")


def number_of(verb: int, way: int, call: int) -> int:
    """Number of a case."""
    return (verb * len(WAYS) + list(WAYS).index(way)) * MOST_CALLS + call


def cases_of(
    cases: list[int] | None, seed: int, place: Path, *, quick: bool = False, every: int = 1
) -> Iterator[Outcome]:
    """Let the n-th call by which a verb writes fail, for n from 1 until none fails; or these cases alone.

    ``every``: only one in so many.
    """
    if shim() is None:
        raise SystemExit("The full disk needs Linux and a C compiler (cc) for benchmarks/faults/shim.c.")
    study, reader = quick_study() if quick else SmallStudy(place / "study", subjects=4), Worker(read_everything)
    try:
        for number, known in enumerate(study.known):
            for way in WAYS:
                for call in range(1, MOST_CALLS, every):
                    case = number_of(number, way, call)
                    if cases is None or case in cases:
                        one = _full(study, reader, known, seed, way, case)
                        if one is None:
                            break
                        yield one
    finally:
        reader.close()


def _full(study: SmallStudy, reader: Worker, known: Known, seed: int, way: int, case: int) -> Outcome | None:
    """One failing write and what came of it; None where the verb does not write so often."""
    over = way == ONWARDS and known.older is not None
    study.start(known.verb, over)
    ended = mien(list(known.verb.words), interruption=Interruption(str(study.here), case % MOST_CALLS, way))
    if not ended.what and not ended.trouble and ended.code == 0:
        return None
    outcome, said = _judged(study, reader, known, over, ended)
    what = ended.what.replace(str(study.here), "")
    call = ended.what.partition(" ")[0]
    return Outcome("disk", case, known.verb.name, f"{call}: {WAYS[way]}", outcome,
                   f"{what}: {said}" if said else "", seed, ended.peak_mb)  # fmt: skip


def _judged(study: SmallStudy, reader: Worker, known: Known, over: bool, ended: Ended) -> tuple[str, str]:
    if ended.trouble or ended.code < 0:
        return ended.trouble or CRASH, f"exit code {ended.code}: {ended.said[-800:]}"
    if "Traceback" in ended.said:
        return TRACEBACK, ended.said[-1500:]
    if ended.code and not any(words in ended.said for words in WORDS):
        return LOST, f"exit code {ended.code} without a sentence about the disk: {ended.said[-500:]}"
    unread, said = reader.do((str(study.here), known.verb.writes))
    if not isinstance(unread, list):
        return unread, said
    said = mixed(known, (known.older or {}) if over else {}, study)
    if said or (over and unread):
        return LOST, said or f"afterwards: {unread[0]}"
    if ended.code == 0:
        # What failed was not needed: then nothing is missing, either.
        wanted, now = known.over if over else known.new, study.written(known.verb)
        return (
            (FINE, "") if now == wanted else (LOST, f"exit code 0, but what is there differs: {differing(now, wanted)}")
        )
    outcome, said = rerun(study, known, over)
    return (SENTENCE, "") if outcome == FINE else (outcome, said)


# For a quick look: some writes of two verbs.
QUICK_CASES = [number_of(verb, way, call) for verb, way, call in (
    (0, ONWARDS, 5), (0, ONCE, 2), (1, ONWARDS, 20), (2, ONWARDS, 8), (2, ONCE, 4), (3, ONCE, 3),
)]  # fmt: skip
