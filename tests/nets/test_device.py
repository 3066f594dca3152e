"""Float32 is float32 on every device, and whoever set torch otherwise has it so again afterwards."""

import pytest
import torch
from torch import nn

from mien.nets.device import copied_to, full_precision, place_of


@pytest.fixture
def precisions():
    """torch's settings as they are, again afterwards."""
    backends = torch.backends
    kept = backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()
    yield backends
    torch.set_float32_matmul_precision(kept[1])
    backends.cudnn.allow_tf32 = kept[0]


def test_cards_compute_in_full_precision_while_mien_asks(precisions):
    precisions.cudnn.allow_tf32 = True
    torch.set_float32_matmul_precision("high")
    with pytest.raises(ZeroDivisionError), full_precision():
        assert not precisions.cudnn.allow_tf32 and not precisions.cuda.matmul.allow_tf32
        assert torch.get_float32_matmul_precision() == "highest"
        raise ZeroDivisionError
    assert precisions.cudnn.allow_tf32 and torch.get_float32_matmul_precision() == "high"


@pytest.mark.skipif(not hasattr(torch.backends.cuda.matmul, "fp32_precision"), reason="this torch has the old names")
def test_also_where_the_newer_settings_are_used(precisions):
    conv, products = precisions.cudnn.conv, precisions.cuda.matmul
    kept = conv.fp32_precision, products.fp32_precision
    try:
        conv.fp32_precision, products.fp32_precision = "ieee", "tf32"
        with full_precision():
            assert (conv.fp32_precision, products.fp32_precision) == ("ieee", "ieee")
        assert (conv.fp32_precision, products.fp32_precision) == ("ieee", "tf32")
    finally:
        conv.fp32_precision, products.fp32_precision = kept


def test_a_module_is_where_its_numbers_are():
    net = nn.BatchNorm1d(3, affine=False)
    assert place_of(net) == place_of(None) == place_of(nn.ReLU()) == torch.device("cpu")
    assert place_of(net.to("meta")) == torch.device("meta")
    assert place_of(nn.Linear(2, 2, device="meta")) == torch.device("meta")


def test_what_somebody_gave_stays_where_it_is():
    net = nn.Linear(2, 2)
    assert copied_to(net, torch.device("cpu")) is net
    assert place_of(copied_to(net, torch.device("meta"))).type == "meta" and place_of(net).type == "cpu"
