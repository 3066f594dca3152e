"""Runs that are killed at any moment: what was there stays readable, and the same command again gives the same."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.contents import contents, is_half
from benchmarks.faults.forked import KILL, Ended, Interruption, mien, shim
from benchmarks.faults.outcomes import FINE, HANG, LOST, TRACEBACK, Outcome, stream
from benchmarks.faults.readers import read_everything
from benchmarks.faults.study import Known, SmallStudy, belongs, differing, quick_study
from benchmarks.faults.workers import Worker

KILLED = -9
# A run that ends before it is killed is tried again with another moment, so often.
TRIES = 8


def cases_of(cases: list[int], seed: int, place: Path, *, quick: bool = False) -> Iterator[Outcome]:
    """Kill verbs in turn, in an empty folder and over an older result, after a random time or at a random write."""
    study, reader = quick_study() if quick else SmallStudy(place / "study"), Worker(read_everything)
    try:
        for case in cases:
            outcome = _killed(study, reader, case, seed)
            if outcome is not None:
                yield outcome
    finally:
        reader.close()


def _killed(study: SmallStudy, reader: Worker, case: int, seed: int) -> Outcome | None:
    """One kill and what came of it; None if the run was never alive when it was to be killed."""
    rng = stream(seed, "kills", case)
    known = study.known[case % len(study.known)]
    over = known.older is not None and bool(rng.integers(2))
    at_write = bool(known.calls) and shim() is not None and bool(rng.integers(2))
    words, ended = list(known.verb.words), None
    for _ in range(TRIES):
        study.start(known.verb, over)
        if at_write:
            moment = int(rng.integers(1, known.calls + 1))
            ended = mien(words, interruption=Interruption(str(study.here), moment, KILL))
        else:
            ended = mien(words, kill_after=float(rng.uniform(0.0, known.seconds)))
        if ended.code == KILLED and not ended.trouble:
            break
    else:
        return None
    how = f"{'at a write' if at_write else 'after a time'}, {'over an older result' if over else 'from nothing'}"
    outcome, said = _after(study, reader, known, over)
    return Outcome("kills", case, known.verb.name, how, outcome, said, seed, ended.peak_mb)


def _after(study: SmallStudy, reader: Worker, known: Known, over: bool) -> tuple[str, str]:
    """Read, look whether old and new are mixed, run again and compare."""
    old = (known.older or {}) if over else {}
    unread, said = reader.do((str(study.here), known.verb.writes))
    if not isinstance(unread, list):
        return unread, said
    said = mixed(known, old, study)
    if said:
        return LOST, said
    if over and unread:
        return LOST, f"after the kill: {unread[0]}"
    return rerun(study, known, over)


def rerun(study: SmallStudy, known: Known, over: bool) -> tuple[str, str]:
    """The same command again has to end well and to give what an undisturbed run gives, with nothing beside it."""
    again = mien(list(known.verb.words))
    if again.trouble or again.code:
        return _worst(again), f"the next run ended with {again.code}: {again.said[-800:]}"
    wanted = {name: mark for name, mark in study.wanted.items() if not belongs(name, known.verb.writes)}
    wanted |= known.over if over else known.new
    now = contents(study.here)
    return (FINE, "") if now == wanted else (LOST, f"differs from an undisturbed run: {differing(now, wanted)}")


def mixed(known: Known, old: dict[str, str], study: SmallStudy) -> str:
    """What is wrong with what lies there now: neither old nor new, or some of both where they belong together."""
    verb = known.verb
    now = {name: mark for name, mark in contents(study.here).items() if not is_half(name)}
    for name, mark in now.items():
        allowed = {old.get(name), known.new.get(name)} if belongs(name, verb.writes) else {study.wanted.get(name)}
        if mark not in allowed and name.rpartition("/")[2] not in LOGS:
            return f"{name} is neither what it was nor what it will be"
    # Drawings are made of what is stored: they may be missing, but not be others.
    for name in old:
        if name not in now and name in known.new and not name.endswith(".svg"):
            return f"{name} is gone"
    for folder in verb.together:
        sets = [{n: m for n, m in files.items() if belongs(n, (folder,)) and "/folds/" not in n}
                for files in (now, old, known.new)]  # fmt: skip
        if sets[0] and not any(
            sets[0] == {n: m for n, m in whole.items() if n in sets[0] or not n.endswith(".svg")} for whole in sets[1:]
        ):
            return f"{folder} holds some files of the older and some of the new run: {differing(sets[0], sets[2])}"
    return ""


# Files that grow with each step of a run: between two steps they are neither old nor new.
LOGS = ("provenance.json", "steps.json")


def _worst(ended: Ended) -> str:
    return ended.trouble or (TRACEBACK if "Traceback" in ended.said else LOST if ended.code >= 0 else HANG)
