"""The image networks that are offered by name; every other network of timm can be named, too.

A further one is one row here and, where it is none of timm's, one class that is made as
``(outputs, size=..., dropout=...)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from mien.core.registry import Row
from mien.nets.published import GAYA_MOREY, Published, from_chance, tuned


@dataclass(frozen=True)
class NetworkRow(Row[Any]):
    """An image network; ``home`` is its class below ``mien.nets``, empty for EfficientNet-Lite and those of timm.

    Attributes
    ----------
    timm : str
        Its name in timm, where that is more than ``_`` instead of ``-``.
    size : int
        Pixels per side of the pictures that it was published with.
    raw : bool
        Whether it sees colours from 0 to 1 as they are, not standardised.
    published : Published or None
        How Gaya-Morey et al. trained it, where it is one of their twelve.
    """

    timm: str = ""
    size: int = 224
    raw: bool = False
    published: Published | None = None

    kind: ClassVar[str] = "network"
    room: ClassVar[str] = "mien.nets."


_XIAO = "Xiao et al., arXiv:2404.18352"
# Before a convolution's normalisation a bias changes nothing: normalisation takes it out again.
_BIAS = "Keras keeps {} biases of convolutions in front of normalisation, where they change nothing"
_ORDER = "the notebook merges two names by a missing comma; the number of epochs is the one at this network's place"

NETWORKS: dict[str, NetworkRow] = {
    row.name: row
    for row in (
        NetworkRow(
            "alexnet", "layered:AlexNet", "five convolutions, three dense layers of 4,096", raw=True,
            source=f"Krizhevsky et al. 2012, NeurIPS; layers of {GAYA_MOREY}",
            published=from_chance(88_718_726, "rmsprop", 10),
        ),
        NetworkRow(
            "weinet", "layered:WeiNet", "three convolutions of 7 x 7, no dense layer but the last", raw=True, size=64,
            source=f"layers of {GAYA_MOREY}",
            published=from_chance(1_728_230, "rmsprop", 10),
        ),
        NetworkRow(
            "songnet", "layered:SongNet", "four convolutions, no dense layer but the last", raw=True,
            source=f"layers of {GAYA_MOREY}",
            published=from_chance(172_678, "rmsprop", 25),
        ),
        NetworkRow(
            "silnet", "layered:SilNet", "five wide convolutions, two dense layers of 512", raw=True, size=150,
            source=f"Ramis et al. 2022, Multimedia Tools and Applications, doi 10.1007/s11042-022-13117-2; "
            f"layers of {GAYA_MOREY}",
            published=from_chance(184_852_038, "adam", 10),
        ),
        NetworkRow(
            "vgg16", "", "sixteen layers, published 2014", source="Simonyan & Zisserman, arXiv:1409.1556",
            published=tuned(14_717_766),
        ),
        NetworkRow(
            "vgg19", "", "nineteen layers, published 2014", source="Simonyan & Zisserman, arXiv:1409.1556",
            published=tuned(20_027_462),
        ),
        NetworkRow("resnet18", "", "residual network of 18 layers", source="He et al., arXiv:1512.03385"),
        NetworkRow(
            "resnet50", "", "residual network of 50 layers", source="He et al., arXiv:1512.03385",
            published=tuned(23_600_006, more=-26_560, why=_BIAS.format("26,560") + "; timm halves the map in the "
                            "3 x 3 convolution of a block, Keras in the 1 x 1 before it"),
        ),
        NetworkRow("resnet101", "", "residual network of 101 layers", source="He et al., arXiv:1512.03385"),
        NetworkRow(
            "resnet101v2", "", "residual network of 101 layers, normalised first", timm="resnetv2_101",
            source="He et al., arXiv:1603.05027",
            published=tuned(42_638_854, more=-36_416, why="Keras keeps 36,416 biases of the first convolution, of each "
                            "block's last and of its shortcut; timm halves the map in a stage's first block, Keras in "
                            "its last"),
        ),
        NetworkRow(
            "inceptionv3", "", "branches of several widths", timm="inception_v3", source="Szegedy et al., "
            "arXiv:1512.00567",
            published=tuned(21_815_078, more=17_216, why="timm's normalisation has 17,216 scales, which Keras leaves "
                            "out before a ReLU"),
        ),
        NetworkRow(
            "xception", "", "depth-wise separable convolutions", timm="legacy_xception", source="Chollet, "
            "arXiv:1610.02357",
            published=tuned(20_873_774),
        ),
        NetworkRow(
            "mobilenetv3-large", "", "for telephones", timm="mobilenetv3_large_100", source="Howard et al., "
            "arXiv:1905.02244",
            published=tuned(3_002_118, 1e-6, 15, why=_ORDER),
        ),
        NetworkRow("mobilenetv3-small", "", "for telephones", timm="mobilenetv3_small_100", source="Howard et al., "
                   "arXiv:1905.02244"),
        NetworkRow(
            "efficientnetv2-b0", "", "small and quick to train", timm="tf_efficientnetv2_b0", source="Tan & Le, "
            "arXiv:2104.00298",
            published=tuned(5_926_998, 1e-6, 10, why=_ORDER),
        ),
        NetworkRow("efficientnet-lite0", "", "for telephones", source="Tan & Le, arXiv:1905.11946"),
        NetworkRow("efficientnet-lite1", "", "for telephones", source="Tan & Le, arXiv:1905.11946"),
        NetworkRow("efficientnet-lite2", "", "for telephones", source="Tan & Le, arXiv:1905.11946"),
        NetworkRow("vit-base-patch16-224", "", "vision transformer", source="Dosovitskiy et al., arXiv:2010.11929"),
        NetworkRow("small-cnn", "small:SmallCnn", "three convolutions, two dense layers", source=_XIAO),
        NetworkRow("mlp", "small:Mlp", "three dense layers on all pixels", source=_XIAO),
    )
}  # fmt: skip
