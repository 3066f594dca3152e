"""Explanations compute where they are asked to, and evidence says where that was."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import mien
from mien.core.errors import InputError
from mien.explain.networks import network_of
from mien.explain.question import prepare

ROOMS = ("explain", "responses", "faithfulness", "models/fitting", "nets/body_cache.py", "nets/device.py")
# What makes a tensor, on the processor unless a device is named or it is moved or copied from another tensor.
MAKES = re.compile(r"torch\.(?:zeros|ones|full|empty|tensor|arange|linspace|eye|rand|randn|from_numpy|as_tensor)\(")
FOLLOWS = re.compile(r"device|\.to\(|register_buffer|torch\.from_numpy\(.*\), (?:rows|values)")
# Tensors that stay on the processor on purpose: file, and parts of the lines.
ON_THE_PROCESSOR = {
    "explain/answers.py": ("np.array(array",),  # scores that a function gave
    "explain/gradients/slope.py": ("such as lambda",),  # words
    # Parts of modules and what is asked before these are moved.
    "explain/landmarker/features.py": ("index = ", "POINTS)", "row["),
    "explain/landmarker/readings.py": ("manual_seed(0)",),
    "responses/units/lesion_pass.py": ("keep = ",),  # moved where it is used
    "faithfulness/stability.py": ("copy_(",),
    "models/fitting/few_steps.py": ("inputs",),  # small heads that learn on the processor
    # Altered crops go to the network's device afterwards.
    "models/fitting/alterations.py": ("-limit, limit", "side = ", "place = ", "tint = "),
}


def test_evidence_says_where_it_was_computed():
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    found = mien.explain(nn.Linear(3, 1), x, method="integrated-gradients", device="cpu")
    assert found.settings["device"] == "cpu"


def test_a_module_stays_where_its_owner_put_it():
    net = nn.Linear(3, 1)
    network = network_of(net)
    assert network.on("auto").module is net and network.on("cpu").module is net


def test_scores_without_a_network_have_no_device():
    def score(x):
        return x.sum(1)

    assert network_of(score).on("auto").module is None and network_of(score).on("cpu").module is None


def test_a_device_that_is_none_is_refused_before_anything_is_computed():
    with pytest.raises(InputError, match="device is 'auto'"):
        mien.explain(nn.Linear(3, 1), np.zeros((4, 3), np.float32), device="abacus")
    with pytest.raises(InputError, match="device is "):
        prepare(nn.Linear(3, 1), np.zeros((4, 3), np.float32), device=3)
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="device='cuda' cannot be used here"):
            mien.explain_all(nn.Linear(3, 1), np.zeros((4, 3), np.float32), device="cuda")


def test_every_tensor_follows_the_network():
    """What the processor's tests run is what runs on a GPU: no tensor is made that stays behind."""
    source = Path(mien.__file__).parent
    files = [f for room in ROOMS for f in ([source / room] if room.endswith(".py") else (source / room).rglob("*.py"))]
    left = []
    for file in files:
        name, lines = str(file.relative_to(source)), file.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            statement = " ".join(lines[number : number + 3])
            known = any(part in line for part in ON_THE_PROCESSOR.get(name, ()))
            if MAKES.search(line) and not FOLLOWS.search(statement) and not known:
                left.append(f"{name}:{number + 1}: {line.strip()}")
    assert not left, "\n".join(left)
