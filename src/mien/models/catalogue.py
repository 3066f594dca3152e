"""The table of models: what each looks at, its estimators, and the kinds that it is stored as.

Adding a kind of model is one file with its estimators and what is stored, and one row in ``MODELS``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from mien.core.errors import InputError
from mien.core.registry import Row
from mien.nets.names import NETWORKS, NetworkRow
from mien.nets.published import PROTOCOL, Published

if TYPE_CHECKING:
    from mien.models.base import Model


_SEEN = "on what a frozen image network (EfficientNet-Lite) sees in the aligned face"


@dataclass(frozen=True)
class Spec(Row[Any]):
    """A kind of model; ``home`` is its scikit-learn style estimator of classes, below ``mien.models``.

    Attributes
    ----------
    regressor : str
        Home of its estimator of ratings; ``''`` where there is none, as ``home`` where it predicts ratings only.
    stored : dict of str to str
        Homes of the classes that it is stored and read as, by their kinds in ``model.json``.
    recipe : dict
        Features it looks at unless others are asked for; none where its parts have theirs.
    rating_recipe : dict
        Features it looks at for ratings, where they are others.
    context : tuple of str
        What the estimator learns about the features: any of ``'topology'``, ``'feature_names'``, ``'recipe'``.
    fixed : dict
        Parameters of the estimator that make it this model.
    takes_gaps : bool
        Whether it learns from samples that lack some of the features.
    protocols : dict of str to Published
        Settings that a paper trained it with, by name: what the setting ``protocol`` may say.
    of_classes, of_ratings : str
        What it is of classes and of ratings, where ``meaning`` says it of both.
    trained : bool
        Whether it learns; the ``home`` of a model that does not is a function that gives it, and no folder of its name
        may hold another.
    """

    regressor: str = ""
    stored: dict[str, str] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    rating_recipe: dict[str, Any] = field(default_factory=dict)
    context: tuple[str, ...] = ()
    fixed: dict[str, Any] = field(default_factory=dict)
    takes_gaps: bool = False
    protocols: dict[str, Published] = field(default_factory=dict)
    trained: bool = True
    of_classes: str = ""
    of_ratings: str = ""

    kind: ClassVar[str] = "model"
    room: ClassVar[str] = "mien.models."

    def words(self, ratings: bool) -> str:
        """What it is, of classes or of ratings."""
        return (self.of_ratings if ratings else self.of_classes) or self.meaning

    def defaults(self, ratings: bool = False) -> dict[str, Any]:
        """What can be set of its estimator of classes, or of ratings, with the defaults; nothing where it has none."""
        home = self.regressor if ratings else self.home
        known = self.code_at(home)().get_params() if home else {}
        own = {key: value for key, value in known.items() if key not in self.fixed and key not in self.context}
        return {**own, "protocol": ""} if self.protocols and own else own

    def protocol(self, settings: dict[str, Any]) -> Published | None:
        """The published protocol that settings name, if they name one.

        Raises
        ------
        InputError
            If it has none of that name.
        """
        name = settings.get("protocol")
        if not name:
            return None
        if name not in self.protocols:
            raise InputError(f"The model '{self.name}' has no protocol '{name}'; it has: {', '.join(self.protocols)}.")
        return self.protocols[name]


def _sequence(network: str, meaning: str, estimator: str) -> Spec:
    """A small network on landmark displacements."""
    return Spec(
        "landmark-net" if network == "cnn" else f"landmark-{network}",
        f"landmark_nets.{estimator}",
        meaning,
        stored={"sequence": "landmark_nets.model:SequenceModel"},
        recipe={"name": "displacement", "align": "clip"},
        context=("topology", "feature_names"),
        fixed={"network": network},
    )


def _series(network: str, meaning: str) -> Spec:
    """A network on channels at even steps of time."""
    return Spec(
        f"series-{network}",
        "series.estimator:SeriesClassifier",
        meaning,
        regressor="series.estimator:SeriesRegressor",
        stored={"series": "series.model:SeriesModel", "series-score": "series.model:SeriesScores"},
        recipe={"name": "series"},
        context=("feature_names",),
        fixed={"network": network},
    )


def _network(row: NetworkRow) -> Spec:
    """An image network that is fine-tuned end to end."""
    return Spec(
        row.name,
        "network.estimator:NetworkClassifier",
        f"the network {row.name}, fine-tuned end to end on the aligned face"
        + (f": {row.meaning}" if row.meaning else ""),
        source=row.source,
        regressor="network.estimator:NetworkRegressor",
        stored={"network": "network.model:NetworkModel", "network-score": "network.model:NetworkScores"},
        recipe={"name": "crop", "size": row.size} if row.size != NetworkRow.size else {"name": "crop"},
        fixed={"network": row.name},
        protocols={PROTOCOL: row.published} if row.published else {},
    )


_TRAINED, _RANDOMISED = "trained:LandmarkNetClassifier", "randomised:RandomisedClassifier"
# Between the names of regression models that are stacked, and the name of their row.
JOIN = "+"
MODELS: dict[str, Spec] = {
    row.name: row
    for row in (
        Spec(
            "expression",
            "expression:ExpressionClassifier",
            "logistic regression on blendshapes, action units and named distances; ridge on points for ratings",
            regressor="expression:ExpressionRegressor",
            of_classes="logistic regression on blendshapes, action units and named distances",
            of_ratings="ridge regression on blendshapes, action units, named distances and points",
            stored={"tabular": "linear:TabularModel", "tabular-score": "linear:TabularScores"},
            recipe={"name": "expression"},
            rating_recipe={"name": "expression", "blocks": ["measures", "points"]},
            context=("feature_names", "topology"),
        ),
        Spec(
            "trees",
            "trees.estimator:TreesClassifier",
            "gradient-boosted trees (LightGBM) on blendshapes, action units and named distances",
            regressor="trees.estimator:TreesRegressor",
            stored={"trees": "trees.model:TreesModel", "trees-score": "trees.model:TreesScores"},
            recipe={"name": "expression"},
            context=("feature_names", "topology"),
            takes_gaps=True,
        ),
        Spec(
            "logistic",
            "named:NamedClassifier",
            "logistic or ridge regression on any named numbers, with gaps",
            regressor="named:NamedRegressor",
            of_classes="logistic regression on named numbers",
            of_ratings="ridge regression on named numbers",
            stored={"named": "named:NamedModel", "named-score": "named:NamedScores"},
            recipe={"name": "expression"},
            context=("feature_names",),
            takes_gaps=True,
        ),
        Spec(
            "forest",
            "forest:ForestClassifier",
            "random forest on any named numbers, with gaps",
            regressor="forest:ForestRegressor",
            stored={"forest": "forest:ForestModel", "forest-score": "forest:ForestScores"},
            recipe={"name": "expression"},
            context=("feature_names",),
            takes_gaps=True,
        ),
        Spec(
            "picture",
            "picture:PictureClassifier",
            "logistic or ridge regression on what a frozen image network (EfficientNet-Lite) sees in the aligned face",
            regressor="picture:PictureRegressor",
            of_classes=f"logistic regression {_SEEN}",
            of_ratings=f"ridge regression {_SEEN}",
            stored={"picture": "picture:PictureModel", "picture-score": "picture:PictureScores"},
            recipe={"name": "crop"},
        ),
        Spec(
            "picture-wide",
            "picture:PictureClassifier",
            "the same with hair and surroundings",
            regressor="picture:PictureRegressor",
            of_classes=f"logistic regression {_SEEN}, with hair and surroundings",
            of_ratings=f"ridge regression {_SEEN}, with hair and surroundings",
            stored={"picture": "picture:PictureModel", "picture-score": "picture:PictureScores"},
            recipe={"name": "crop", "side": 4.0},
        ),
        Spec(
            "texture",
            "texture:TextureClassifier",
            "logistic or ridge regression (kernel=rbf: support vectors) on colour, local binary patterns and edges",
            regressor="texture:TextureRegressor",
            of_classes="logistic regression on colour, local binary patterns and edges",
            of_ratings="ridge regression on colour, local binary patterns and edges",
            stored={
                "tabular": "linear:TabularModel",
                "tabular-score": "linear:TabularScores",
                "kernel-score": "texture:KernelScores",
            },
            recipe={"name": "texture"},
            context=("feature_names",),
        ),
        Spec(
            "efdnn",
            "attention.estimator:EfdnnClassifier",
            "light convolutional network with one attention map per class or rating on the aligned face",
            regressor="attention.estimator:EfdnnRegressor",
            stored={"efdnn": "attention.model:EfdnnModel", "efdnn-score": "attention.model:EfdnnScores"},
            recipe={"name": "crop", "size": 64, "side": 1.8, "eyes_at": 0.2},
        ),
        Spec(
            "efdnn-lite",
            "attention.lite:EfdnnLiteClassifier",
            "one attention map per class on the first stages of a frozen image network (EfficientNet-Lite0)",
            stored={"efdnn-lite": "attention.lite:EfdnnLiteModel"},
            recipe={"name": "crop", "size": 160, "side": 2.4, "eyes_at": 0.3},
        ),
        _sequence("cnn", "temporal CNN per label on landmark displacements", _TRAINED),
        _sequence("mlp", "one hidden layer per label on windows of landmark displacements", _TRAINED),
        _sequence("gru", "gated recurrent network per label on landmark displacements", _TRAINED),
        _sequence("lstm", "long short-term memory per label on landmark displacements", _TRAINED),
        _sequence("rvfl", "random vector functional link: direct links and random units, ridge read-out", _RANDOMISED),
        _sequence("random-tcn", "random temporal convolution, ridge read-out", _RANDOMISED),
        _sequence("esn", "echo-state network: random reservoir, ridge read-out", _RANDOMISED),
        _series("cnn", "dilated convolution over time on long series of channels"),
        _series("gru", "gated recurrent network on long series of channels"),
        _series("transformer", "small transformer with attention pooling on long series of channels"),
        *(_network(row) for row in NETWORKS.values()),
        Spec(
            JOIN,
            "",
            "the weighted sum of its parts",
            regressor="stacked:StackedRegressor",
            stored={"joined-score": "stacked:StackedScores"},
            context=("recipe",),
        ),
        Spec(
            "rules",
            "rules:rules",
            "which facial actions speak for which apparent expression, as published; nothing is learnt",
            stored={"rules": "rules:RulesModel"},
            recipe={"name": "actions"},
            trained=False,
        ),
    )
}


def trainable() -> dict[str, Spec]:
    """The rows that are trained under a name of their own."""
    return {name: row for name, row in MODELS.items() if row.trained and row.recipe}


def stored_kinds() -> dict[str, Spec]:
    """The kinds of ``model.json``, each with a row that is stored so."""
    return {kind: row for row in MODELS.values() for kind in row.stored}


def class_of(kind: str) -> type[Model]:
    """The class of models of a stored kind; a KeyError where there is none."""
    row = stored_kinds()[kind]
    found: type[Model] = row.code_at(row.stored[kind])
    return found


def _stacked(name: str) -> Spec:
    """Several regression models as one, by their names with a plus between them."""
    parts = tuple(part.strip() for part in name.split(JOIN))
    rows = [spec(part) for part in parts]
    wrong = [part for part, row in zip(parts, rows, strict=True) if not row.regressor]
    if wrong:
        refuse_ratings(wrong[0])
    if len(set(parts)) < len(parts):
        raise InputError(f"The model '{name}' names a part twice; name each once.")
    recipe = {"name": "joined", "parts": [row.rating_recipe or row.recipe for row in rows]}
    return replace(MODELS[JOIN], name=name, recipe=recipe, fixed={"parts": parts})


def _bare(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def spec(name: str) -> Spec:
    """The row of that name: one of ``trainable``, that of a network of timm, or several of them as ``'one+other'``.

    Raises
    ------
    InputError
        If there is none.
    """
    if not isinstance(name, str):
        raise InputError(f"model is one name, such as 'songnet', but got {name!r}; several are for mien.train_all.")
    known = trainable()
    if name in known:
        return known[name]
    if JOIN in name:
        return _stacked(name)
    if find_spec("torch") and find_spec("timm"):
        from mien.nets.zoo import is_network

        if is_network(name):
            return _network(NetworkRow(name, "", ""))
        more = "every network of timm"
    else:
        more = "with pip install 'mien[zoo]' every network of timm"
    # Papers write MobileNetV3Large where others write mobilenetv3-large.
    same = [row for other, row in known.items() if _bare(other) == _bare(name)]
    if same:
        return same[0]
    close = get_close_matches(name, known, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    raise InputError(f"There is no model '{name}' to train.{hint} mien knows {', '.join(known)}, and {more}.")


def refuse_ratings(name: str) -> NoReturn:
    """Say that a model predicts classes only, and which ones predict numbers."""
    able = ", ".join(known for known, row in trainable().items() if row.regressor)
    raise InputError(
        f"The model '{name}' predicts classes, but the target holds numbers. For numbers mien has: {able}. If they are "
        "names of classes, give them as text (for a table: --labels COLUMN, or read_samples(..., labels=[...]))."
    )
