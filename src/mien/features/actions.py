"""Recipe 'actions': how strongly each facial action shows, by the best measurement that the faces bring."""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.features import NAMED, Features
from mien.core.samples import Samples
from mien.core.topology import MEDIAPIPE_478
from mien.features.action_intensities import UNITS, intensities
from mien.features.expression import expression
from mien.features.match import Choice
from mien.features.settings import GAPS, resolve

# Actions of the Facial Action Coding System that the rules ask for.
ACTIONS: tuple[str, ...] = tuple(
    f"AU{number}" for number in (1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 16, 17, 20, 23, 24, 25, 26)
)
# Stands where an action cannot be measured; outside everything that a strength can be.
UNMEASURED = -2.0

# Blendshape (mean of both sides) that is about the same movement. AU6 and AU9 are missing on purpose: cheekSquint and
# noseSneer never rose above 0.02 in our checks, whatever the face did; and no blendshape is about AU23.
BLENDSHAPE_OF = {
    "AU1": "browInnerUp", "AU2": "browOuterUp", "AU4": "browDown", "AU5": "eyeWide", "AU7": "eyeSquint",
    "AU10": "mouthUpperUp", "AU12": "mouthSmile", "AU15": "mouthFrown", "AU16": "mouthLowerDown",
    "AU17": "mouthShrugLower", "AU20": "mouthStretch", "AU24": "mouthPress", "AU26": "jawOpen",
}  # fmt: skip
# Named distances (mean, in inter-ocular distances) and the value that counts as full strength; without a picture of
# the same person at rest only these say something. AU25 is taken from here even where there are blendshapes.
MEASURE_OF: dict[str, tuple[tuple[str, ...], float]] = {
    "AU12": (("right mouth corner lift", "left mouth corner lift"), 0.2),
    "AU15": (("right mouth corner lift", "left mouth corner lift"), -0.2),
    "AU25": (("mouth opening",), 0.25),
    "AU26": (("mouth opening",), 0.5),
}
# Actions that blendshapes do not see, or badly, and the learnt measure that does, where each face has its picture. AU6
# is missing on purpose: on photos of faint smiles its measure hardly differs from that on neutral faces.
OWN, BLENDSHAPES_ONLY = "own", "blendshapes"
MEASURED_AS = {
    "AU1": "AU1", "AU4": "AU4", "AU5": "AU5", "AU9": "AU9", "AU15": "AU15", "AU17": "AU17",
    "AU23": "AU23", "AU24": "AU23",
}  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "relative_to": "", "max_missing": 0.3, "max_gap": 15, "eyes": "", "topology": "", "measured_by": {},
}  # fmt: skip
KINDS: dict[str, Any] = {"relative_to": Literal["", "first"], "eyes": Literal["", "own", "blendshapes"], **GAPS}
OPENFACE_RANGE = 5.0


def actions(
    recipe: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces, picture: np.ndarray | None = None
) -> Features:
    """Strength of every action of ``ACTIONS`` in a picture, or in a clip's frame that differs most from its first.

    Settings of the recipe
    ----------------------
    relative_to : str
        ``'first'``: subtract the clip's first frames. Empty: as it is.
    max_missing, max_gap
        As in the recipe ``'expression'``.
    eyes : str
        ``'own'``: AU1, 4, 5, 9, 15, 17, 23 and 24 by the measures that mien learnt, from points and texture.
        ``'blendshapes'``: without them. Empty: own where every face is one of a picture that is there. Stored models
        whose file does not name it were made without.

    ``picture`` is that of all faces where it is in memory; else each sample's is read.

    Returns
    -------
    Features
        ``'named features'``, (samples, actions): 0 to 1 (OpenFace's 0 to 5 divided by 5; blendshapes as they are;
        distances by ``MEASURE_OF``), with ``relative_to`` a difference of these. An action that these faces cannot
        show is ``UNMEASURED`` in all samples. The recipe's ``measured_by`` says what each was taken from.
    """
    settings = resolve("actions", recipe, DEFAULTS, KINDS)
    inner = {key: settings[key] for key in ("relative_to", "max_missing", "max_gap")}
    result = expression({"name": "expression", "over_time": "apex", **inner}, samples, choices, faces)
    place = {name: i for i, name in enumerate(result.names)}
    values = np.full((len(result), len(ACTIONS)), UNMEASURED)
    measured_by: dict[str, str] = {}
    strengths = _own(settings, samples, choices, faces, result.status == "ok", picture)
    for column, action in enumerate(ACTIONS):
        if action in strengths:
            values[:, column], measured_by[action] = strengths[action], "points and texture"
            continue
        parts, scale = _measurement(action, place)
        if not parts:
            continue
        measured_by[action] = " and ".join(parts)
        strength = result.values[:, [place[part] for part in parts]].astype(np.float64).mean(axis=1) * scale
        values[:, column] = strength if settings["relative_to"] else np.clip(strength, 0, 1)
    if not measured_by:
        raise InputError("Recipe 'actions': these faces bring neither action units nor blendshapes nor points.")
    values[result.status != "ok"] = np.nan
    settings["eyes"] = OWN if strengths else BLENDSHAPES_ONLY
    settings |= {"topology": faces.topology, "measured_by": measured_by}
    return Features(values, NAMED, ACTIONS, settings, result.status)


def _own(
    settings: dict[str, Any], samples: Samples, choices: list[Choice], faces: Faces, ok: np.ndarray,
    picture: np.ndarray | None,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Strengths by the learnt measures, each of shape (samples,); none where not every face has its picture."""
    wanted = settings["eyes"] or (BLENDSHAPES_ONLY if settings["measured_by"] else "")
    if wanted == BLENDSHAPES_ONLY:
        return {}
    lacking = "" if not settings["relative_to"] else "movement from the first frames has none"
    if faces.topology != MEDIAPIPE_478 or not ok.any():
        lacking = "these faces do not come from the landmarker"
    if not lacking:
        found, status = intensities(samples, choices, faces, picture)
        without = ok & (status != OK)
        if not without.any():
            return {action: found[:, UNITS.index(unit)] for action, unit in MEASURED_AS.items()}
        row = int(np.argmax(without))
        lacking = f"'{samples.path[row]}' has none ({status[row]})"
    if wanted == OWN:
        raise InputError(f"Recipe 'actions': eyes='own' needs the picture of every face, but {lacking}.")
    return {}


def _measurement(action: str, place: dict[str, int]) -> tuple[list[str], float]:
    """Features that show an action, and the factor that makes them strengths; none where it cannot be measured."""
    number = action.removeprefix("AU")
    own = [name for name in place if re.fullmatch(rf"AU0*{number}(_r)?", name)]
    if own:
        return own[:1], 1 / OPENFACE_RANGE if own[0].endswith("_r") else 1.0
    shape = BLENDSHAPE_OF.get(action, "")
    sides = [name for name in (shape, f"{shape}Right", f"{shape}Left") if shape and name in place]
    if sides:
        return sides, 1.0
    names, full = MEASURE_OF.get(action, ((), 1.0))
    return [name for name in names if name in place], 1 / full
