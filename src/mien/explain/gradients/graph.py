"""What a pass of a network leaves in torch's graph of gradients: its nonlinear steps, whatever they are called.

Steps are judged by what is known to be linear, so one that nobody thought of counts as nonlinear. Names are those of
torch's own steps (``MaxBackward0``), without their ending.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch

# Linear in all that they get together: sums, copies, places, weights.
_LINEAR = {
    "AccumulateGrad", "Add", "AdaptiveAvgPool2D", "AdaptiveAvgPool3D", "Addr", "Alias", "AsStrided", "AvgPool2D",
    "AvgPool3D", "Cat", "ChannelShuffle", "Clone", "Col2Im", "Conj", "ConstantPadNd", "Copy",
    "CopyBackwards", "CopySlices", "CudnnBatchNorm", "Cumsum", "Diagonal", "DiagonalScatter", "Embedding", "Expand",
    "FftC2C", "FftC2R", "FftR2C", "Fill", "Flip", "FusedDropout", "Gather", "Im2Col", "Imag", "Index",
    "IndexAdd", "IndexCopy", "IndexFill", "IndexSelect", "Mean", "MiopenBatchNorm",
    "MkldnnAdaptiveAvgPool2D", "MkldnnAvgPool2D", "NativeBatchNorm", "NativeDropout", "Neg", "Permute",
    "PixelShuffle", "PixelUnshuffle", "Real", "ReflectionPad1D", "ReflectionPad2D", "ReflectionPad3D", "Repeat",
    "RepeatInterleave", "ReplicationPad1D", "ReplicationPad2D", "ReplicationPad3D", "Reshape", "ReshapeAlias",
    "Roll", "Rot90", "Rsub", "Scatter", "ScatterAdd", "Select", "SelectScatter", "Slice",
    "SliceScatter", "Split", "SplitWithSizes", "Squeeze", "Stack", "Sub", "Sum", "T", "Take", "ToCopy", "Trace",
    "Transpose", "Tril", "Triu", "Unbind", "Unfold", "UnsafeSplit", "UnsafeSplitWithSizes",
    "UnsafeView", "Unsqueeze", "UpsampleBicubic2D", "UpsampleBicubic2DAa", "UpsampleBilinear2D",
    "UpsampleBilinear2DAa", "UpsampleLinear1D", "UpsampleNearest1D", "UpsampleNearest2D", "UpsampleNearest3D",
    "UpsampleNearestExact1D", "UpsampleNearestExact2D", "UpsampleNearestExact3D", "UpsampleTrilinear3D", "View",
    "ViewAsComplex", "ViewAsReal", "Zero",
}  # fmt: skip
# Linear in each factor: nonlinear where several depend on the input. The number is the place of the first factor;
# what stands before it is added.
_PRODUCTS = {
    "Addbmm": 1, "Addcmul": 1, "Addmm": 1, "Addmv": 1, "Baddbmm": 1, "Bilinear": 0, "Bmm": 0, "Convolution": 0,
    "ConvolutionOverrideable": 0, "CudnnConvolution": 0, "Dot": 0, "GridSampler2D": 0, "GridSampler3D": 0, "Kron": 0,
    "Linear": 0, "LinalgCross": 0, "MkldnnConvolution": 0, "MkldnnLinear": 0, "Mm": 0, "Mul": 0, "Mv": 0,
    "SlowConvDilated2D": 0, "SlowConvDilated3D": 0, "ThnnConvDepthwise2D": 0, "Vdot": 0,
}  # fmt: skip
# Of a number and what divides it, and from one to the other by a third: linear in the first (two) alone.
_LEADING = {"Addcdiv": 2, "Div": 1, "Lerp": 2}
# Choices by a mask: linear where the mask hangs on nothing that the network computed.
_CHOICES = ("IndexPut", "MaskedFill", "MaskedScatter", "MaskedSelect", "Where")
# Rounded edges: none of them is a ReLU, whatever stands around it.
_SMOOTH = (
    "Cos", "Erf", "Exp", "Expm1", "Log", "Log10", "Log1P", "Log2", "LogSoftmax", "NativeGroupNorm", "NativeLayerNorm",
    "Reciprocal", "Rsqrt", "ScaledDotProduct", "Sigmoid", "Sin", "Softmax", "Std", "StdMean", "Tanh", "Var", "VarMean",
)  # fmt: skip
# Maximum pooling takes the place of the largest number, and rules that change ReLUs leave it as it is.
_POOLS = ("MaxPool", "AdaptiveMaxPool", "MkldnnMaxPool", "FractionalMaxPool", "QuantizedMaxPool")


@dataclass(frozen=True)
class NonlinearStep:
    """A nonlinear step whose rule was not changed.

    Attributes
    ----------
    name : str
    own : bool
        Whether it has a backward pass of its own, so that nobody knows what it is.
    product : bool
        Whether it multiplies what depends on the input with what depends on it, too.
    choice : bool
        Whether it chooses by a mask.
    """

    name: str
    own: bool = False
    product: bool = False
    choice: bool = False

    @property
    def kinked(self) -> bool:
        """Whether it may cut off what is below 0."""
        return not self.product and not self.name.startswith((*_SMOOTH, *_POOLS))


def nonlinear_steps(output: torch.Tensor, x: torch.Tensor) -> list[NonlinearStep]:
    """Nonlinear steps between an input and an output, in order from the end, each kind once.

    Parameters
    ----------
    output : torch.Tensor
    x : torch.Tensor
        A leaf. What does not depend on it, such as how weights are computed, is no step between them.
    """
    order = _order(output.grad_fn)
    reached: set[Any] = set()
    steps: dict[NonlinearStep, None] = {}
    for node in order:
        before = [one for one, _ in node.next_functions]
        depends = [one is not None and one in reached for one in before]
        if getattr(node, "variable", None) is x or any(depends):
            reached.add(node)
        if any(depends) and (step := _step(node, depends)):
            steps[step] = None
    return list(reversed(steps))


def _order(last: Any) -> list[Any]:
    """All nodes behind one, every node after those that it takes from."""
    order: list[Any] = []
    seen: set[Any] = set()
    left = [(last, False)]
    while left:
        node, done = left.pop()
        if done:
            order.append(node)
        elif node is not None and node not in seen:
            seen.add(node)
            left.append((node, True))
            left += [(before, False) for before, _ in node.next_functions]
    return order


def _step(node: Any, depends: list[bool]) -> NonlinearStep | None:
    """A node as a step, from which of its inputs depend on what is explained; None for linear ones."""
    full = node.name()
    if isinstance(node, torch.autograd.function.BackwardCFunction):
        return None if full.startswith("_Ruled") else NonlinearStep(full, own=True)
    name = re.sub(r"Backward\d*$", "", full.rpartition("::")[2]) or full
    if name in _LINEAR:
        return None
    if name in _PRODUCTS:
        return NonlinearStep(name, product=True) if sum(depends[_PRODUCTS[name] :]) > 1 else None
    if name in _LEADING:
        return NonlinearStep(name, product=True) if any(depends[_LEADING[name] :]) else None
    return NonlinearStep(name, choice=name in _CHOICES)
