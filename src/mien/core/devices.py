"""Which device networks run on, decided in one place, and why."""

from functools import cache
from importlib.util import find_spec

from mien.core.errors import InputError
from mien.core.extras import built_for, require

AUTO, CPU, CUDA = "auto", "cpu", "cuda"


def usual_device() -> str:
    """What ``'auto'`` means on this machine: ``'cuda:0'`` where torch can compute on a GPU, else ``'cpu'``."""
    return CPU if gpu_problem() else f"{CUDA}:0"


@cache
def gpu_problem(number: int = 0) -> str:
    """Why torch cannot compute on a GPU, as part of a sentence; ``''`` where it can.

    Parameters
    ----------
    number : int
        Which of several GPUs, from 0.
    """
    if find_spec("torch") is None:
        return "torch is not installed"
    if not built_for():  # to import torch for that would take seconds
        return "this build of torch is for the processor alone"
    torch = require("torch", "Networks on a GPU", "learn")
    if not torch.cuda.is_available():
        return f"this torch, built for {built_for()}, sees no GPU, or no driver that fits it"
    count = torch.cuda.device_count()
    if number >= count:
        return f"torch sees {count} GPU{'s' if count > 1 else ''}, numbered from 0"
    try:
        float(torch.ones(2, device=f"{CUDA}:{number}").sum())
    except RuntimeError as error:  # such as a card that this build has no code for
        return f"the GPU {number} does not compute ({str(error).strip().splitlines()[0]})"
    return ""


def checked_device(name: str) -> str:
    """A device by name, as torch writes it: ``'cpu'`` or ``'cuda:NUMBER'``.

    Parameters
    ----------
    name : str
        ``'auto'``, ``'cpu'``, ``'cuda'`` (the first GPU) or ``'cuda:NUMBER'``.

    Raises
    ------
    InputError
        If it is none of these, or torch cannot compute there.
    """
    if name == AUTO:
        return usual_device()
    if name == CPU:
        return CPU
    kind, _, number = str(name).partition(":")
    if kind != CUDA or not (number.isdigit() or str(name) == CUDA):
        raise InputError(
            f"device is '{AUTO}' (a GPU where there is one), '{CPU}', '{CUDA}' or '{CUDA}:NUMBER', but got '{name}'."
        )
    problem = gpu_problem(int(number or 0))
    if problem:
        raise InputError(
            f"device='{name}' cannot be used here: {problem}. Leave device out, or give '{CPU}': results agree to "
            "within rounding."
        )
    return f"{CUDA}:{int(number or 0)}"


def device_words(name: str) -> str:
    """A device as results name it: ``'cpu'``, or ``'cuda:0 (NVIDIA H100)'``."""
    if not name.startswith(CUDA):
        return name
    return f"{name} ({require('torch', 'Networks on a GPU', 'learn').cuda.get_device_name(name)})"


def device_sentence() -> str:
    """What networks run on here unless a device is asked for, and why."""
    problem = gpu_problem()
    if problem:
        return f"cpu: {problem}"
    return (
        f"{device_words(usual_device())}: networks are trained, explained and asked there, unless device='{CPU}' "
        f"(--device {CPU}) is given; faces are extracted on the processor"
    )
