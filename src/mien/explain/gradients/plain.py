"""Methods of one backward pass: saliency, input x gradient, guided backpropagation, DeepLIFT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.explain.gradients.graph import NonlinearStep, nonlinear_steps
from mien.explain.gradients.rules import Guided, Reference, Rescale
from mien.explain.gradients.slope import batches, completeness_gap, input_gradient, slope, whole_lots
from mien.explain.problem import Attribution, Problem
from mien.explain.wrappers import is_own, is_scripted

# Steps that are ReLUs, or TorchScript's, whose insides cannot be seen.
_SURELY_RELUS = ("Relu", "DifferentiableGraph")
# torch's names of steps say little to those who wrote the functions.
_MOST_NAMED = 6


def saliency(problem: Problem) -> Attribution:
    """Gradient of the output at the sample, with its sign.

    Simonyan, Vedaldi & Zisserman 2014, who show its absolute value. Output units per input unit.
    """
    return Attribution(_reported(problem, slope))


def input_x_gradient(problem: Problem) -> Attribution:
    """Gradient times input: what each value adds, were the network linear (Shrikumar et al. 2016)."""
    return Attribution(_reported(problem, slope) * problem.values)


def guided_backprop(problem: Problem) -> Attribution:
    """Gradient that passes ReLUs only where both the activation and the gradient are positive.

    Springenberg et al. 2015. ReLUs count as modules and as functions, in place or not. ``facts['relus']`` is how many
    there are in a pass. ``facts['note']`` names steps beside them that may be ReLUs in other words (a larger one of
    two, an amount, a choice or product by a mask).

    Raises
    ------
    InputError
        If the network has ReLUs that cannot be reached, as in TorchScript, or none, so that the values would be the
        plain gradient under another name.
    """
    _check_plain(problem, "Guided backpropagation")
    guide, hidden = Guided(), list[NonlinearStep]()

    def guided(problem: Problem, rows: np.ndarray) -> np.ndarray:
        nonlocal guide, hidden
        x = torch.from_numpy(rows).to(problem.device).requires_grad_()
        guide = Guided()
        with torch.enable_grad(), guide:
            # A copy, so that all that depends on the input was computed, as weights were not.
            output = problem.output(x.clone())
        hidden = nonlinear_steps(output, x)
        _check_reached("Guided backpropagation", hidden)
        return input_gradient(output, x).cpu().numpy()

    values = _reported(problem, guided)
    facts: dict[str, int | str] = {"relus": guide.seen}
    # mien's own networks write their ReLUs as such.
    own = is_own(problem.network)
    unsure = "" if own else _named([step for step in hidden if step.kinked], guide.cuts)
    if len(values) and not guide.seen:
        but = f" (it has {unsure}; what cuts off below 0 can be written as torch.relu)" if unsure else ""
        raise InputError(
            f"Guided backpropagation changes the gradient at ReLUs, but the network has none{but}: only the plain "
            "gradient would pass, under another name. Use 'saliency', 'smoothgrad' or 'integrated-gradients'."
        )
    if len(values) and unsure:
        facts["note"] = (
            f"Besides {guide.seen} ReLUs the network has {unsure}: where these cut off what is below 0, the "
            "plain gradient passes. Write them as torch.relu."
        )
    return Attribution(values, facts=facts)


def deeplift(problem: Problem) -> Attribution:
    """DeepLIFT with the rescale rule, averaged over the baselines.

    Shrikumar, Greenside & Kundaje 2017. The rule holds at functions of one number (ReLU, sigmoid, tanh, ...) and at
    maximum pooling, in place or not; products of two branches (attention, squeeze and excitation) and all other
    nonlinear steps pass the plain gradient: ``facts['note']`` names them, and ``gap`` shows what they leave open. At
    maximum pooling both maxima of a window, the sample's and the baseline's, share its change, as in Captum. Values
    still differ from Captum's there: where windows overlap their shares are added up (Captum's unpooling lets one
    overwrite the other), and a place that does not change passes its own gradient (Captum: that of the batch's first
    row), so that values do not depend on neighbours and the gap stays small. Recurrent layers are refused: torch
    computes all their gates and steps in one function, so no rule would hold anywhere in them, and what came out would
    be gradient times change under another name.

    Raises
    ------
    InputError
        If the network has a recurrent layer (GRU, LSTM, RNN), takes another way through its layers for a sample than
        for a baseline, or the rule holds at none of its nonlinear functions, as in TorchScript.
    """
    _check_plain(problem, "DeepLIFT")
    rules: dict[str, int | str] = {}
    samples, baselines = len(problem.values), len(problem.baselines)
    total = np.zeros(problem.values.shape, np.float64)
    for part in batches(samples * baselines, problem.batch_size):
        sample, baseline = np.divmod(np.arange(part.start, part.stop), baselines)
        rows, against = problem.values[sample], problem.baselines[baseline]
        multiplier, rules = _multipliers(problem, rows, against)
        np.add.at(total, sample, (rows - against).astype(np.float64) * multiplier)
        problem.progress(part.stop, samples * baselines)
    values = (total / max(1, baselines)).astype(np.float32)
    return Attribution(values, completeness_gap(problem, values), facts=rules)


def samples_together(problem: Problem, settings: dict[str, Any]) -> int:
    """Samples that fill whole batches of pairs with the baselines."""
    return whole_lots(problem.batch_size, len(problem.baselines))


def _multipliers(problem: Problem, rows: np.ndarray, against: np.ndarray) -> tuple[np.ndarray, dict[str, int | str]]:
    """Change of the output per change of each input value, and where the rule held."""
    # With gradients, by which a call tells what depends on the input.
    with torch.enable_grad(), Reference() as reference:
        problem.output(torch.from_numpy(against).to(problem.device).requires_grad_().clone())
    x = torch.from_numpy(rows).to(problem.device).requires_grad_()
    with torch.enable_grad(), Rescale(reference.calls) as rescale:
        output = problem.output(x.clone())
    hidden = nonlinear_steps(output, x)
    _check_reached("DeepLIFT", hidden)
    unmet = _named(hidden, rescale.cuts)
    if not rescale.met and (rescale.cuts or any(step.kinked for step in hidden)):
        raise InputError(
            f"DeepLIFT has no rule for any nonlinear step of this network ({unmet}), so that only the plain gradient "
            "would pass: use integrated-gradients."
        )
    facts: dict[str, int | str] = {"rules": rescale.met}
    if unmet:
        facts["note"] = (
            f"DeepLIFT's rule holds at {rescale.met} functions of the network; the plain gradient passes through "
            f"{unmet}. The completeness gap shows what that leaves open."
        )
    return input_gradient(output, x).cpu().numpy(), facts


def _named(steps: Sequence[NonlinearStep], cuts: Iterable[str]) -> str:
    """Steps whose rule was not changed, and what takes numbers out of the gradients; ``''`` where all were met."""
    cuts = list(cuts)
    # A choice by a mask that nothing was compared for is linear.
    names = [f"{step.name} of two branches" if step.product else step.name for step in steps if cuts or not step.choice]
    names += [f"numbers that leave torch's gradients ({', '.join(cuts[:_MOST_NAMED])})"] if cuts else []
    return ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")


def _check_plain(problem: Problem, method: str) -> None:
    """Refuse TorchScript, also where the method is asked about noisy copies by another one."""
    if is_scripted(problem.network):
        raise InputError(
            f"{method} changes the rule at functions inside the network, which TorchScript does not allow: give the "
            "network itself as a plain torch module."
        )


def _check_reached(method: str, steps: Sequence[NonlinearStep]) -> None:
    """Refuse networks with ReLUs that run where no rule can be changed."""
    names = [step.name for step in steps if step.own or step.name.startswith(_SURELY_RELUS)]
    if any(name.startswith(_SURELY_RELUS) for name in names):
        raise InputError(
            f"{method} changes the rule at the network's functions, but some run where that cannot be done "
            f"({', '.join(names)}: TorchScript or a backward pass of their own): give the network itself as a plain "
            "torch module, or use integrated-gradients."
        )


def _reported(problem: Problem, method: Callable[[Problem, np.ndarray], np.ndarray]) -> np.ndarray:
    """One value per input value from a method of rows, batch by batch."""
    values = np.empty(problem.values.shape, np.float32)
    for part in batches(len(values), problem.batch_size):
        values[part] = method(problem, problem.values[part])
        problem.progress(part.stop, len(values))
    return values
