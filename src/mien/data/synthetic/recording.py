"""A made-up recording as ``mien extract`` would give it: what a site's camera makes of a face's behaviour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.faces import NO_FACE, OK, UNREADABLE, Faces
from mien.core.topology import NO_POINTS
from mien.data.synthetic.behaviour import LEVELS, PARAMETERS, TASKS, Behaviour, behave
from mien.data.synthetic.planted import ACTION_UNITS, TRAITS, Planted
from mien.data.synthetic.streams import HABITS, POPULATION, SESSION, SITE, stream

FRAMES_PER_S = 15.0
SIZE_PX = (640, 480)
# Share of a person's parameters that is the same in every recording, and of recordings with a fault.
_STABLE, _FAULTY = 0.85, 0.02
# Rounded to binary fractions, measures take half the room.
_STEP, _COARSE = 2.0**10, 2.0**5


@dataclass(frozen=True)
class Person:
    """What a recording depends on; it travels to workers.

    Attributes
    ----------
    number, site : int
    traits : tuple of float
        In the order of ``TRAITS``.
    age : float
    sex : str
    """

    number: int
    site: int
    traits: tuple[float, ...]
    age: float
    sex: str


@dataclass(frozen=True)
class Scenario:
    """What all recordings of a cohort have in common.

    Attributes
    ----------
    frames : int
    planted : tuple of Planted
    site_shift : float
        Spread of the shifts between sites, in standard deviations of people.
    missing_share : float
        Share of frames without a face, on average.
    seed : int
    """

    frames: int
    planted: tuple[Planted, ...]
    site_shift: float
    missing_share: float
    seed: int


def record_session(scenario: Scenario, person: Person, session: int, source: str) -> Faces:
    """Faces of one recording, without points.

    Parameters
    ----------
    scenario : Scenario
    person : Person
    session : int
        From 1.
    source : str

    Returns
    -------
    Faces
        Topology ``no-points``; ``extra`` holds action units and the column ``task``.
    """
    generator = stream(scenario.seed, SESSION, person.number, session)
    quality = generator.normal() * 0.4 + _camera(scenario, person.site)[1]
    fault = generator.random() / _FAULTY
    if fault < 0.1:
        return Faces.build(
            1, topology=NO_POINTS, source=[source], status=[UNREADABLE], reason=["the file ends within its header"]
        )
    time_s = _times(scenario.frames if fault > 0.4 else max(scenario.frames // 8, 1), generator)
    noise = float(np.exp(-quality))
    seen = behave(time_s, parameters(scenario, person, generator), noise, generator, _for_a_while(scenario, person))
    gone = _gone(len(time_s), 0.9 if 0.4 < fault < 1 else scenario.missing_share * noise, generator)
    return _faces(source, time_s, seen, gone, quality, generator)


def parameters(scenario: Scenario, person: Person, generator: np.random.Generator) -> np.ndarray:
    """What a person is like in a recording, shape (parameters,): traits, habits, age, sex, site, and the day."""
    habits = stream(scenario.seed, HABITS, person.number).standard_normal(len(PARAMETERS))
    for planted in scenario.planted:
        place = PARAMETERS.index(planted.parameter)
        if planted.start_s is None:
            habits[place] = _with_trait(planted, person, habits[place])
    here = np.sqrt(_STABLE) * habits + np.sqrt(1 - _STABLE) * generator.standard_normal(len(PARAMETERS))
    population = stream(scenario.seed, POPULATION).standard_normal((2, len(PARAMETERS)))
    here += 0.1 * population[0] * (person.age - 15) / 1.7 + 0.25 * population[1] * ((person.sex == "f") - 0.5)
    here[LEVELS] += _camera(scenario, person.site)[0]
    return here


def _with_trait(planted: Planted, person: Person, habit: float) -> float:
    return float(planted.size * person.traits[TRAITS.index(planted.trait)] + np.sqrt(1 - planted.size**2) * habit)


def _for_a_while(scenario: Scenario, person: Person) -> list[tuple[int, float, float, float]]:
    """Muscles whose level is another one for a part of the recording: (muscle, from, to, how much more)."""
    habits = stream(scenario.seed, HABITS, person.number).standard_normal(len(PARAMETERS))
    found = []
    for planted in scenario.planted:
        if planted.start_s is not None and planted.end_s is not None:
            place = PARAMETERS.index(planted.parameter)
            more = np.sqrt(_STABLE) * (_with_trait(planted, person, habits[place]) - habits[place])
            found.append((place, planted.start_s, planted.end_s, float(more)))
    return found


def _camera(scenario: Scenario, site: int) -> tuple[np.ndarray, float]:
    """How a site's camera shifts the level of every muscle, and how good its pictures are."""
    generator = stream(scenario.seed, SITE, site)
    shift = generator.standard_normal(LEVELS.stop)
    return scenario.site_shift * shift, 0.3 * float(generator.normal()) * (scenario.site_shift > 0)


def _times(frames: int, generator: np.random.Generator) -> np.ndarray:
    """Times of the frames: a little uneven, in one recording of ten with frames that were dropped."""
    steps = 1 / FRAMES_PER_S * (1 + 0.05 * generator.uniform(-1, 1, frames))
    if generator.random() < 0.1:
        steps *= 1 + generator.poisson(0.1, frames)
    return np.round(np.cumsum(steps) - steps[0], 4)


def _gone(frames: int, share: float, generator: np.random.Generator) -> np.ndarray:
    """Frames without a face, in stretches of about half a second."""
    length = 8
    starts = generator.random(frames) < min(share, 0.95) / length
    if share > 0.5:
        return generator.random(frames) < share
    return np.convolve(starts, np.ones(length), "full")[:frames] > 0


def _faces(
    source: str, time_s: np.ndarray, seen: Behaviour, gone: np.ndarray, quality: float, generator: np.random.Generator
) -> Faces:
    frames = len(time_s)
    middle = np.array(SIZE_PX) / 2 + generator.normal(size=2) * 15 + seen.pose_deg[:, 1::-1] * [1.5, -1.5]
    width = 170 * np.exp(0.1 * generator.normal()) * np.ones(frames)
    box = np.stack([middle[:, 0] - width / 2, middle[:, 1] - 0.65 * width, width, 1.3 * width], 1)
    gap = np.stack([-0.19 * width, np.zeros(frames)], 1)
    iris = np.stack([middle + gap, middle - gap], 1) + seen.gaze_deg[:, None, ::-1] * [0.15, -0.1]
    sharpness = 22 * np.exp(0.4 * quality + 0.05 * generator.standard_normal(frames))
    presence = 1 / (1 + np.exp(-(5 + quality + 0.3 * generator.standard_normal(frames))))
    columns = {
        "box_px": _rounded(box, _COARSE),
        "presence": _rounded(presence, _STEP),
        "blendshapes": _rounded(seen.blendshapes, _STEP),
        "pose_deg": _rounded(seen.pose_deg, _COARSE),
        "roll_deg": _rounded(seen.pose_deg[:, 2], _COARSE),
        "iris_px": _rounded(iris, _COARSE),
        "iris_diameter_px": _rounded(0.07 * width[:, None] * seen.pupil_share[:, None] * [1, 1], _COARSE),
        "eye_opening": _rounded(seen.eye_opening, _STEP),
        "gaze_deg": _rounded(seen.gaze_deg, _COARSE),
        "sharpness": _rounded(sharpness, _COARSE),
    }
    extra = {name: _rounded(seen.units[:, i], _STEP) for i, name in enumerate(ACTION_UNITS)}
    for column in (*columns.values(), *extra.values()):
        column[gone] = np.nan
    turned = np.abs(seen.pose_deg[:, 1]) > 30
    flags = np.select([sharpness < 12, turned], ["blurred", "turned"], "").astype(object)
    return Faces.build(
        frames,
        topology=NO_POINTS,
        source=np.full(frames, source, dtype=object),
        frame=np.arange(frames),
        time_s=time_s,
        track=np.where(gone, -1, 0),
        status=np.where(gone, NO_FACE, OK).astype(object),
        width_px=np.full(frames, SIZE_PX[0]),
        height_px=np.full(frames, SIZE_PX[1]),
        quality=np.where(gone, "", flags).astype(object),
        extra={**extra, "task": np.array(TASKS, dtype=object)[seen.task]},
        **columns,
    )


def _rounded(values: np.ndarray, steps: float) -> np.ndarray:
    return (np.rint(values * steps) / steps).astype(np.float32)
