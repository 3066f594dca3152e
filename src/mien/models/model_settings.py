"""What can be set of a kind of model: each setting with its usual value, what it takes, and what it does, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mien.models.catalogue import spec

# Settings that are parts of a whole.
_SHARES = ("dropout", "smoothing", "hide", "trim", "validation")

_MEANINGS: dict[str, str] = {
    "amplitude": "How far movement is made larger or smaller in deformed copies of clips (spread of the logarithm).",
    "balanced": "Weigh classes inversely to their frequency.",
    "batch_size": "Samples of one step of training.",
    "blocks": "Numbers of columns of blocks that weigh the same as wholes; empty: all columns are one.",
    "body": "Frozen network whose view of the face is learnt from: 'efficientnet-lite0', or one of timm.",
    "body_rate": "The body's share of the learning rate, where it starts from trained weights; 0 leaves it as it is.",
    "components": "Most principal components that are kept.",
    "copies": "Deformed copies of each clip that are learnt from, beside the clip itself.",
    "correlation_weight": "Weight of the correlation in the loss 'mse-correlation'.",
    "costs": "Costs of support vectors to choose from, in inner folds over people.",
    "delta": "Where the losses 'huber' and 'smooth-l1' turn from squares to absolute errors.",
    "dense_top": "Keep the layers that VGG and MobileNetV3 have between body and last layer.",
    "device": "Where it is computed: 'auto' (a GPU where there is one), 'cpu', 'cuda' or 'cuda:NUMBER'.",
    "dropout": "Share of what the last layers see that is dropped in training.",
    "epochs": "Most passes over the training samples.",
    "feature_fraction": "Share of the features that each tree may use.",
    "filters": "Filters over time, of networks that have them.",
    "grid": "Cells into which the body's view is summed up; empty: as usual for the target.",
    "hidden": "Channels that the body's are mixed to.",
    "hide": "Largest share of a training crop that is hidden.",
    "kernel": "'linear' (ridge regression) or 'rbf' (support vectors with Gaussian bumps).",
    "l2": "Penalty on the leaves' scores.",
    "layers": "Layers of the network.",
    "learning_rate": "Step of training: larger learns faster and less surely.",
    "leaves": "Most leaves of a tree; 7 allow interactions of three features.",
    "light": "Largest change of the light of training crops.",
    "loss": "'mse', 'smooth-l1', 'huber', 'mse-correlation' or 'concordance'.",
    "members": "Networks that differ in their start; their answers are averaged.",
    "min_leaf": "Fewest training samples in a leaf.",
    "mirror": "Learn from mirrored faces as well; to be switched off where left and right matter.",
    "n_trees": "Number of trees (of boosting: rounds).",
    "optimiser": "'adamw', 'adam', 'rmsprop' or 'sgd'.",
    "patience": "Passes without a smaller loss on the people set aside before training stops.",
    "penalties": "Penalties to choose from, by leaving out people within the training data.",
    "penalty": "Penalty of the read-out; 0: the best one on people left out.",
    "protocol": "Name of a paper's protocol to train by; empty: mien's own.",
    "schedule": "'cosine': the learning rate falls to 0 along a cosine; or 'constant'.",
    "seed": "Random seed; that of training is used unless one is given.",
    "shift": "Largest shift of training crops, as a share of their side.",
    "smoothing": "Share by which labels are smoothed.",
    "stages": "Stages of the body that are looked at; empty: as usual for the target.",
    "start": "Folder of a trained 'efdnn' whose body training starts from; empty: random weights.",
    "steps": "Most steps of training.",
    "strengths": "Inverse strengths of regularisation to choose from, in inner folds over people.",
    "task": "'one-vs-rest' or 'multiclass'.",
    "taught": "Weight of the teacher's view beside the labels.",
    "teacher": "'picture': also taught by the larger body of the model 'picture'; empty: by the labels alone.",
    "threads": "Threads of training; the result does not depend on them.",
    "trim": "Share of a clip that is cut off at either end in deformed copies, at most.",
    "turn_deg": "Largest turn of training crops, in degrees.",
    "units": "Hidden units of each layer.",
    "validation": "Share of people set aside to decide when to stop; 0: all passes are trained.",
    "warm_up": "Passes in which only the last layer learns, where the body starts from trained weights.",
    "warp": "How far time is bent in deformed copies of clips (spread of the exponent).",
    "watch": "What decides when to stop: 'correlation' with ratings of people set aside, or 'loss'.",
    "weight_decay": "Pull of all weights toward 0 in training.",
    "weights": "File or folder of trained weights to start from; empty: those of mien's cache, or random ones.",
    "whiten": "Power to which principal components are made alike: 0 keeps their proportions, 1 makes them equal.",
    "width": "Frames that each filter spans.",
    "windows": "Windows of time, of networks that summarise them.",
    "zoom": "Largest change of size of training crops.",
}  # fmt: skip
# Of numbers that may be broken: the network's.
_FACTOR = "Factor of the network's channel numbers."


@dataclass(frozen=True)
class ModelSetting:
    """One setting of a kind of model.

    Attributes
    ----------
    name : str
        As ``--set NAME=VALUE`` and ``settings={NAME: VALUE}`` take it.
    usual : object
        Its value unless another is given.
    takes : str
        Such as ``'a whole number from 1'``; ``''`` where nothing is checked before training.
    meaning : str
        A sentence.
    """

    name: str
    usual: Any
    takes: str
    meaning: str


def model_settings(name: str, ratings: bool = False) -> tuple[ModelSetting, ...]:
    """What can be set of a kind of model that learns classes, or ratings.

    Parameters
    ----------
    name : str
        Of ``mien.models.catalogue.MODELS``.
    ratings : bool

    Returns
    -------
    tuple of ModelSetting
        In the order of their names.

    Raises
    ------
    InputError
        If there is no such kind.

    Examples
    --------
    >>> for setting in model_settings("expression")[:2]:
    ...     print(setting.name, setting.usual, setting.takes)
    balanced True true or false
    components 20 a whole number from 1
    """
    return tuple(
        ModelSetting(key, usual, what_it_takes(key, usual)[1], _meaning(key, usual))
        for key, usual in sorted(spec(name).defaults(ratings).items())
    )


def _meaning(name: str, usual: Any) -> str:
    return _FACTOR if name == "width" and isinstance(usual, float) else _MEANINGS.get(name, "")


def what_it_takes(name: str, usual: Any) -> tuple[Callable[[Any], bool], str]:
    """Whether a value may stand where the usual one does, and which may, in words; ``''`` where all may."""
    if isinstance(usual, bool):
        return lambda value: isinstance(value, bool), "true or false"
    if isinstance(usual, int):
        least = 0 if usual == 0 else 1
        if name == "width":  # frames that a filter spans, with a middle one
            return lambda value: type(value) is int and value >= least and value % 2 == 1, "an odd whole number"
        return lambda value: type(value) is int and value >= least, f"a whole number from {least}"
    if isinstance(usual, float):
        most = 1.0 if name in _SHARES else float("inf")
        words = "a share from 0 to below 1" if name in _SHARES else "a number from 0"

        def in_range(value: Any) -> bool:
            return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < most

        return in_range, words
    if isinstance(usual, str):
        return lambda value: isinstance(value, str), "a word"
    return lambda value: True, ""
