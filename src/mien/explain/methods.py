"""The registry of explanation methods: one row per method, whose code is loaded when it is used.

Adding a method is one file with a function ``(Problem, *, settings) -> Attribution`` and one row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from mien.core.errors import InputError
from mien.core.evidence import SIGN_IS_DIRECTION
from mien.core.features import NAMED, PICTURE, SEQUENCE, SERIES
from mien.core.registry import Row, row_of

if TYPE_CHECKING:
    from mien.explain.problem import Attribution  # noqa: F401 (it loads torch, and ruff does not see it below)

# With a tolerance or stability and no number given, a sample takes at most so many times the method's usual passes.
MOST_FOR_TOLERANCE = 20
ALL = (PICTURE, SEQUENCE, NAMED)
GRADIENTS, LAYERS, BASELINES = "gradients", "layers", "baselines"
TREES, RULES, ATTENTION = "trees", "rules", "attention"
BATCH, SAMPLE, ALL_SAMPLES = "batch", "sample", "all"


@dataclass(frozen=True)
class Method(Row["Attribution"]):
    """One method; its home is below ``mien.explain`` and takes a ``Problem`` and its settings.

    Attributes
    ----------
    needs : tuple of str
        What the model must offer (``'gradients'``, ``'layers'``: a torch module; ``'trees'``; ``'rules'``;
        ``'attention'``) and ``'baselines'`` where inputs that stand for "nothing special" are needed.
    spaces : tuple of str
        Inputs it can explain; see ``Features.space``.
    per_pixel : bool
        Whether a picture gets one value per pixel for all its channels, shape (samples, 1, height, width), instead
        of one per channel.
    complete : bool
        Whether the values promise to sum to the output's difference from the baselines.
    sampled : bool
        Whether it draws numbers and gives a standard error.
    scale : str or dict of str to str
        What the colours of its drawing on a picture stand for, where ``{unit}`` is that of the output; a dict has one
        for each value of the setting ``gives``.
    block : str
        How many samples are computed together, so that blocks of so many give the numbers of all at once: ``'batch'``,
        ``'sample'`` (each by itself), ``'all'``, or the home of a function ``(Problem, settings) -> int``.
    of : str
        The method that it asks about noisy copies, where its setting ``of`` names no other one.
    """

    needs: tuple[str, ...] = ()
    spaces: tuple[str, ...] = ALL
    per_pixel: bool = False
    complete: bool = False
    sampled: bool = False
    scale: str | dict[str, str] = "{unit} per pixel"
    signed_attribution: bool = True
    block: str = BATCH
    of: str = ""

    kind: ClassVar[str] = "method"
    room: ClassVar[str] = "mien.explain."
    n_given: ClassVar[int] = 1

    def drawn_unit(self, unit: str, settings: dict[str, Any]) -> str:
        """``scale`` in words, from the output's unit and the settings that were used."""
        scale = self.scale
        if isinstance(scale, dict):
            scale = scale.get(str(settings.get("gives")), next(iter(scale.values())))
        return scale.format(unit=unit)

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Defaults of the method with what was given; see ``Row.settings``.

        Raises
        ------
        InputError
            Also for a tolerance beside a number of steps, which would have no use for it.
        """
        result = super().settings(given)
        if not self.sampled and given.get("n_steps") is not None and given.get("tolerance") is not None:
            raise InputError(
                f"{self.name} takes n_steps or tolerance, not both: with n_steps every line has that many points, "
                "however precise they are. Leave one of them out."
            )
        wanted = any(result.get(name) is not None for name in ("tolerance", "stability"))
        if self.sampled and wanted and "n_samples" not in given:
            # A precision was asked for, not a number: the number only keeps it from going on for ever.
            result["n_samples"] *= MOST_FOR_TOLERANCE
        return result

    def needs_baselines(self, settings: dict[str, Any]) -> bool:
        """Whether it measures against baselines, with these settings: methods over copies do if theirs does."""
        inner = settings.get("of", self.of) if self.of else None
        row = METHODS.get(ALIASES.get(inner, inner)) if isinstance(inner, str) else None
        return BASELINES in (self if row is None else row).needs


_GRADIENT = (
    Method(
        "saliency", "gradients.plain:saliency",
        "gradient of the output", "Simonyan, Vedaldi & Zisserman 2014", (GRADIENTS,), (*ALL, SERIES),
        signed_attribution=False,
    ),
    Method(
        "input-x-gradient", "gradients.plain:input_x_gradient",
        "gradient times input", "Shrikumar et al. 2016", (GRADIENTS,), (*ALL, SERIES),
    ),
    Method(
        "integrated-gradients", "gradients.integrated_gradients:integrated_gradients",
        "mean gradient on the way from a baseline, times the way",
        "Sundararajan, Taly & Yan 2017", (GRADIENTS, BASELINES), (*ALL, SERIES), complete=True,
        block="gradients.integrated_gradients:samples_together",
    ),
    Method(
        "gradient-shap", "gradients.gradient_shap:gradient_shap",
        "expected gradients: random baselines and places on the way, with noise",
        "Lundberg & Lee 2017; Erion et al. 2021", (GRADIENTS, BASELINES), complete=True, sampled=True,
        block="gradients.gradient_shap:samples_together",
    ),
    Method(
        "deeplift", "gradients.plain:deeplift",
        "differences from a baseline passed back layer by layer (rescale rule)",
        "Shrikumar, Greenside & Kundaje 2017", (GRADIENTS, LAYERS, BASELINES), complete=True,
        block="gradients.plain:samples_together",
    ),
    Method(
        "guided-backprop", "gradients.plain:guided_backprop",
        "gradient through positive activations and positive gradients only",
        "Springenberg et al. 2015", (GRADIENTS, LAYERS), signed_attribution=False,
    ),
    Method(
        "smoothgrad", "gradients.smoothgrad:smoothgrad",
        "mean of another method's values over noisy copies", "Smilkov et al. 2017", (GRADIENTS, BASELINES),
        of="saliency", sampled=True, signed_attribution=False, block=SAMPLE,
    ),
    Method(
        "vargrad", "gradients.smoothgrad:vargrad",
        "variance of another method's values over noisy copies", "Adebayo et al. 2018", (GRADIENTS, BASELINES),
        of="saliency", sampled=True, scale="{unit} squared per pixel", signed_attribution=False, block=SAMPLE,
    ),
    Method(
        "smoothed-sign", "gradients.smoothed_sign:smoothed_sign",
        "three-level map: +1, -1, or 0 where the sign is not certified",
        "after Xiao 2024 (arXiv 2404.18352), rebuilt from noisy copies", (GRADIENTS, BASELINES), of="gradient-shap",
        sampled=True,
        scale={
            "levels": "certified levels, +1 for and -1 against", "mean": "{unit} per pixel",
            "radius": "certified radius with its level's sign",
        },
        block=SAMPLE,
    ),
)  # fmt: skip

_CELL = "{unit} per cell of the layer's map"
_CAM = tuple(
    Method(
        name, f"cams.{home}", meaning, source, (GRADIENTS, LAYERS), (PICTURE,), per_pixel=per_pixel, scale=scale,
        signed_attribution=signed, block=SAMPLE if name in ("score-cam", "ablation-cam") else BATCH,
    )
    for name, home, meaning, source, per_pixel, scale, signed in (
        ("grad-cam", "family:grad_cam", "layer's channels weighted by their mean gradient",
         "Selvaraju et al. 2017", True, _CELL, True),
        ("grad-cam++", "family:grad_cam_plus_plus", "channels weighted by positive gradients of higher order",
         "Chattopadhay et al. 2018", True, _CELL, False),
        ("hirescam", "family:hirescam", "layer times its gradient, summed over channels",
         "Draelos & Carin 2020", True, _CELL, True),
        ("layercam", "family:layercam", "layer times its positive gradient", "Jiang et al. 2021", True, _CELL, False),
        ("xgrad-cam", "family:xgrad_cam", "channels weighted by gradients in proportion to activation",
         "Fu et al. 2020", True, _CELL, True),
        ("eigen-cam", "family:eigen_cam", "first principal component of the layer (for no particular target)",
         "Muhammad & Yeasin 2020", True, "activation, no unit", False),
        ("score-cam", "family:score_cam", "channels weighted by the output when only they are shown",
         "Wang et al. 2020", True, "activation, weighted", False),
        ("ablation-cam", "family:ablation_cam", "channels weighted by what their removal costs",
         "Desai & Ramaswamy 2020", True, "{unit} times activation", True),
        ("guided-grad-cam", "guided:guided_grad_cam", "guided backprop inside the Grad-CAM region",
         "Selvaraju et al. 2017", False, "Grad-CAM times guided gradient", False),
    )
)  # fmt: skip

_SHAPLEY = "perturb.shapley:samples_together"
_PERTURBATION = (
    Method(
        "occlusion", "perturb.occlusion:occlusion",
        "what covering a window (a landmark, a feature) costs", "Zeiler & Fergus 2014", per_pixel=True,
        scale="{unit} per covered window",
    ),
    Method(
        "leave-one-region-out", "perturb.occlusion:leave_one_region_out",
        "what covering a whole region costs", "Zeiler & Fergus 2014, on regions", per_pixel=True,
        scale="{unit} per covered region",
    ),
    Method(
        "rise", "perturb.rise:rise",
        "mean output over random masks that leave a place uncovered", "Petsiuk, Das & Saenko 2018",
        per_pixel=True, sampled=True, scale="mean {unit} where visible", signed_attribution=False, block=SAMPLE,
    ),
    Method(
        "lime", "perturb.lime:lime",
        "local linear model of the output on covered segments", "Ribeiro, Singh & Guestrin 2016",
        per_pixel=True, sampled=True, scale="{unit} per segment", block=SAMPLE,
    ),
    Method(
        "kernel-shap", "perturb.shapley:kernel_shap",
        "Shapley values of segments by weighted regression", "Lundberg & Lee 2017",
        per_pixel=True, complete=True, sampled=True, scale="{unit} per segment", block=_SHAPLEY,
    ),
    Method(
        "permutation-shap", "perturb.shapley:permutation_shap",
        "Shapley values of segments over random orders and their reverse", "Strumbelj & Kononenko 2014",
        per_pixel=True, complete=True, sampled=True, scale="{unit} per segment", block=_SHAPLEY,
    ),
)  # fmt: skip

_MODEL = (
    Method(
        "attention", "intrinsic.attention:attention",
        "what the network's own attention map of the class says (model 'efdnn')",
        "after Di Luzio et al. 2024 as summarised", (ATTENTION,), (PICTURE,), per_pixel=True,
        scale={"contribution": "{unit} per cell of the attention map", "attention": "attention, no unit"},
    ),
    Method(
        "tree-shap", "intrinsic.trees:tree_shap",
        "exact Shapley values of trees (LightGBM's own)", "Lundberg et al. 2020",
        (TREES,), (NAMED,), complete=True, block=SAMPLE,
    ),
    Method(
        "rule-reasons", "intrinsic.rules:rule_reasons",
        "what each rule of a transparent model added", "the rules themselves",
        (RULES,), (NAMED,), complete=True, block=ALL_SAMPLES,
    ),
)  # fmt: skip

METHODS: dict[str, Method] = {row.name: row for row in (*_GRADIENT, *_CAM, *_PERTURBATION, *_MODEL)}
# Other names under which people know a method.
ALIASES = {
    "expected-gradients": "gradient-shap", "grad-cam-plus-plus": "grad-cam++", "ig": "integrated-gradients",
    "sampling-shap": "permutation-shap", "gradientshap": "gradient-shap",
}  # fmt: skip


def baselines_for(method: str, wanted: Any, settings: dict[str, Any] | None = None) -> Any:
    """Baselines for a method, None for one that has none: for those who ask several methods with one setting."""
    return wanted if method_of_name(method).needs_baselines(settings or {}) else None


# Methods whose values have the sign of those of the method that they ask about noisy copies.
_OVER_SIGNED = ("smoothgrad", "smoothed-sign")


def sign_is_direction(method: str, settings: Mapping[str, Any] | None = None) -> bool:
    """Whether a method's values are for (+) and against (-) the target; evidence of unknown methods is taken so.

    Parameters
    ----------
    method : str
        Name, as in ``Evidence.method``.
    settings : mapping, optional
        That were used, as in ``Evidence.settings``, which say it themselves in newer evidence. The mean over noisy
        copies has the sign of the method that was asked about each of them (``of``), and attention itself none.
    """
    settings = settings or {}
    if isinstance(settings.get(SIGN_IS_DIRECTION), bool):
        return bool(settings[SIGN_IS_DIRECTION])
    row = METHODS.get(ALIASES.get(method, method))
    if row is None:
        return True
    inner = settings.get("of")
    if row.name in _OVER_SIGNED and isinstance(inner, str):
        return sign_is_direction(inner)
    return row.signed_attribution and not (row.name == "attention" and settings.get("gives") == "attention")


def method_of_name(name: str) -> Method:
    """The method of that name.

    Raises
    ------
    InputError
        If there is none; the message lists what there is.
    """
    return row_of(METHODS, name, ALIASES)
