"""A second device for machines without one: tensors that say they are elsewhere, with their numbers on the processor.

What lies there and what lies on the processor do not mix, as with a real card: an operation that gets both fails, and
so does ``.numpy()``. torch's 'meta' lends its name, because its autograd needs no driver.
"""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

PLACE = torch.device("meta")
# Operations that real cards allow with tensors of both.
_BOTH = ("copy_", "_to_copy", "index", "index_put_", "_index_put_impl_")


class OnCard(torch.Tensor):
    """A tensor on the made-up card."""

    inner: torch.Tensor

    @staticmethod
    def __new__(cls, inner: torch.Tensor) -> "OnCard":
        made = torch.Tensor._make_wrapper_subclass(
            cls, inner.size(), strides=inner.stride(), storage_offset=inner.storage_offset(), dtype=inner.dtype,
            layout=inner.layout, device=PLACE,
        )  # fmt: skip
        made.inner = inner
        return made

    def data_ptr(self) -> int:
        """Where the numbers are."""
        return self.inner.data_ptr()

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(func, args, kwargs or {})


class Card(TorchDispatchMode):
    """While it is active, tensors can be made on the card and moved to it."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(func, args, kwargs or {})


def _computed(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensors = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
    there, name = any(isinstance(t, OnCard) for t in tensors), func.overloadpacket.__name__
    left_behind = [t for t in tensors if not isinstance(t, OnCard) and t.dim()]
    if there and left_behind and name not in _BOTH:
        raise RuntimeError(f"{name}: tensors of the processor among those of the card")
    plain = tree_map_only(OnCard, lambda t: t.inner, (args, kwargs))
    given, named = tree_map_only(torch.device, lambda device: torch.device("cpu"), plain)
    result = func(*given, **named)
    if kwargs.get("device") is not None:
        there = torch.device(kwargs["device"]) == PLACE
    if name.endswith("_") and tensors and not name.startswith("_to"):
        return args[0]
    if not there:
        return result
    return tree_map_only(torch.Tensor, lambda t: t if isinstance(t, OnCard) else OnCard(t), result)
