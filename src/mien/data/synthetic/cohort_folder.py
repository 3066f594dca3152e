"""A made-up cohort on disk: a shard per recording, the table of participants and the truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import read_json, remove_halves, write_json, write_text
from mien.core.in_notebooks import InNotebooks
from mien.core.numbers import checked_numbers
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.data.shards import is_whole, read_facts, write_shard
from mien.data.synthetic.participants import MadeUpParticipants, items_of, participants
from mien.data.synthetic.planted import TRAITS, Planted, parsed
from mien.data.synthetic.recording import Person, Scenario, record_session
from mien.data.synthetic.streams import SESSION, stream
from mien.engine.spread import spread
from mien.engine.work import DONE, Item, Spread

PARTICIPANTS, TRUTH = "participants.csv", "truth.json"
# What need not be the same when more people are added to a cohort.
_GROWING = ("people",)


@dataclass(frozen=True, eq=False)
class MadeUpCohort(InNotebooks):
    """A made-up cohort.

    Attributes
    ----------
    folder : Path
    samples : Samples
        One row per recording that was to be made.
    planted : tuple of Planted
    traits : dict of str to ndarray, each of shape (people,)
        What was drawn for each person.
    written, kept, failed : int
        Shards that were written, were there already, could not be written.
    """

    __repr__ = brief

    folder: Path
    samples: Samples
    planted: tuple[Planted, ...]
    traits: dict[str, np.ndarray]
    written: int
    kept: int
    failed: int


@checked_numbers
def synthesize_cohort(
    output: str | Path,
    *,
    people: int = 200,
    frames: int = 900,
    sessions: int = 1,
    sites: int = 4,
    effect: float = 0.4,
    planted: Sequence[str] = (),
    site_shift: float = 0.5,
    confounding: float = 0.0,
    missing_share: float = 0.02,
    scales: Sequence[str] = ("dass21",),
    seed: int = 0,
    workers: int = 1,
    part: str = "",
    progress: Progress | bool | None = None,
) -> MadeUpCohort:
    """Make up a cohort of people who are recorded and asked; ``mien synthesize cohort`` does the same.

    It writes what ``mien extract`` would give for their recordings, without points: blendshapes, head pose, gaze,
    eyelids, irises, action units and a column ``task``. Nobody is shown. Every recording is drawn from the seed and the
    person's number alone, so parts can be written on several machines, what is there is kept, and a cohort can grow.

    Parameters
    ----------
    output : path
        Study folder: ``faces/``, ``participants.csv``, ``truth.json``.
    people, frames, sessions, sites : int
        Frames of each recording, at about 15 per second; recordings of each person.
    effect : float
        Correlation of the strongest planted effect between trait and person; 0: no effect at all.
    planted : sequence of str
        Other effects than the usual ones: ``'mouthSmile: level: depression=-.4'``; in a part of each recording only,
        in seconds: ``'mouthSmile: level: depression=-.4: 8-14'``.
    site_shift : float
        Spread of the sites' shifts of all levels, in standard deviations of people.
    confounding : float
        How far the mean traits of the first and the last site lie from the middle, in standard deviations.
    missing_share : float
        Share of frames without a face, of items without an answer, of people without answers, and of recordings that
        are in the table, but not in the folder.
    scales : sequence of str
        ``'dass21'``, ``'phq9'``, ``'gad7'``.
    seed : int
    workers : int
        Processes.
    part : str
        ``'3/40'``: write the shards of the third of forty parts.
    progress : callable (done, total) or bool, optional

    Returns
    -------
    MadeUpCohort

    Raises
    ------
    InputError
        For numbers out of their ranges, effects that cannot be planted, or a folder with another cohort.

    Examples
    --------
    >>> import mien
    >>> cohort = mien.synthesize_cohort("cohort", people=3, frames=60, missing_share=0, seed=1)
    >>> cohort.samples.subject.tolist(), len(mien.read_faces("cohort"))
    (['p00001', 'p00002', 'p00003'], 180)
    """
    folder = Path(output)
    scenario = Scenario(frames, parsed(planted, effect), site_shift, missing_share, seed)
    answered = list(scales)
    items_of(answered)
    how = Spread(workers=workers, part=part)
    settings = {
        "people": people, "sessions": sessions, "sites": sites, "confounding": confounding, "scales": answered,
        **{name: value for name, value in asdict(scenario).items() if name != "planted"},
        "planted": [one.to_json() for one in scenario.planted],
    }  # fmt: skip
    _check_folder(folder, settings)
    made = participants(
        people, sites=sites, confounding=confounding, missing_share=missing_share, scales=answered, seed=seed
    )
    write_text(folder / PARTICIPANTS, _table(made, sessions))
    write_json(folder / TRUTH, _truth(made, scenario, settings))
    remove_halves(folder / "faces")
    counts = {"written": 0, "kept": 0, "failed": 0}
    items = how.of(_items(made, sessions, missing_share, seed))
    tell = progress_of(progress, "recordings")
    for number, done in enumerate(spread(_Recording(folder / "faces", scenario), items, how), 1):
        counts[done.value if done.status == DONE else "failed"] += 1
        if tell:
            tell(number, len(items))
    return MadeUpCohort(folder, _samples(made, sessions, folder), scenario.planted, made.traits, **counts)


@dataclass(frozen=True)
class _Recording:
    """Writes the shard of one recording."""

    faces: Path
    scenario: Scenario

    def start(self, threads: int) -> None:
        """Nothing is needed."""

    def do(self, ready: None, value: tuple[Person, int, str], step: Callable[[Any], None]) -> str:
        person, session, source = value
        path = self.faces / f"{source}.parquet"
        facts = {"source": source, "tool": "mien synthesize cohort"}
        if path.exists() and read_facts(path) == facts and is_whole(path):
            return "kept"
        write_shard(record_session(self.scenario, person, session, source), path, facts)
        return "written"


def _items(made: MadeUpParticipants, sessions: int, missing_share: float, seed: int) -> Iterator[Item]:
    for number, session, source in _recordings(made, sessions):
        # Somebody did not come.
        if stream(seed, SESSION, number).random(session)[-1] < missing_share:
            continue
        traits = tuple(float(made.traits[name][number]) for name in TRAITS)
        person = Person(number, int(made.site[number]), traits, float(made.age[number]), str(made.sex[number]))
        yield Item(source, (person, session, source))


def _recordings(made: MadeUpParticipants, sessions: int) -> Iterator[tuple[int, int, str]]:
    """Number of the person, of the session from 1, and name of the recording."""
    for number, subject in enumerate(made.subject):
        for session in range(1, sessions + 1):
            yield number, session, f"{subject}-{session}"


def _table(made: MadeUpParticipants, sessions: int) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["subject", "session", "path", "age", "sex", "site", *made.items])
    sites = _site_names(made)
    answers = np.stack(list(made.items.values()), 1) if made.items else np.zeros((len(made.subject), 0))
    for number, session, source in _recordings(made, sessions):
        cells = ["" if answer != answer else int(answer) for answer in answers[number]]
        table.writerow(
            [made.subject[number], session, source, made.age[number], made.sex[number], sites[number], *cells]
        )
    return text.getvalue()


def _samples(made: MadeUpParticipants, sessions: int, folder: Path) -> Samples:
    """What the table holds."""
    rows = list(_recordings(made, sessions))
    person = np.array([number for number, _, _ in rows], dtype=int)
    labels = {
        "session": np.array([str(session) for _, session, _ in rows], dtype=object),
        "sex": made.sex[person], "site": _site_names(made)[person],
    }  # fmt: skip
    ratings = {"age": made.age[person], **{name: answers[person] for name, answers in made.items.items()}}
    return Samples(
        np.array([source for _, _, source in rows], dtype=object), made.subject[person], labels, ratings, root=folder,
        name="made-up cohort", licence="made up by mien; nobody is shown", synthetic=True,
        read_from=str(folder / PARTICIPANTS),
    )  # fmt: skip


def _site_names(made: MadeUpParticipants) -> np.ndarray:
    return np.array([f"site {number + 1}" for number in made.site], dtype=object)


def _truth(made: MadeUpParticipants, scenario: Scenario, settings: dict[str, Any]) -> dict[str, Any]:
    """What was planted, and what was drawn for each person."""
    planted = [{**one.to_json(), "channels": list(one.channels)} for one in scenario.planted]
    traits = {name: np.round(values, 6).tolist() for name, values in made.traits.items()}
    return {
        "made up": True,
        "planted": planted,
        "settings": settings,
        "subject": made.subject.tolist(),
        "traits": traits,
    }


def _check_folder(folder: Path, settings: dict[str, Any]) -> None:
    """Refuse a folder with a cohort that this one does not continue."""
    if not (folder / TRUTH).exists():
        return
    before = read_json(folder / TRUTH)
    there = before.get("settings", {}) if isinstance(before, dict) else {}
    other = [name for name, value in settings.items() if name not in _GROWING and there.get(name) != value]
    if other or there.get("people", 0) > settings["people"]:
        name = other[0] if other else "people"
        raise InputError(
            f"{folder} holds a cohort with {name} = {there.get(name)}, not {settings[name]}. Name another folder, or "
            "give the same settings to complete it (more people are added)."
        )
