"""The torch port against the runtime that extraction uses, on made-up faces and on real ones where they are."""

import cv2
import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.data.media.pictures import read_picture
from mien.data.synthetic import make_cohort, render, scene
from mien.data.weights import member_bytes
from mien.faces.mesh import BLENDSHAPE_POINTS
from mien.faces.networks import FaceNetwork
from mien.nets.landmarker.graph import Graph, Operation, read_graph
from mien.nets.landmarker.network import FaceBlendshapes, FaceDetector, FacePoints, GraphModule

pytestmark = pytest.mark.usefixtures("weights")


@pytest.fixture(scope="module")
def crops(weights):
    """Eight rendered faces, uint8 (faces, 256, 256, 3)."""
    cohort = make_cohort(2, seed=3)
    pictures = [render(scene(cohort.performance, clip, -1, seed=1), 256) for clip in range(0, len(cohort.samples), 2)]
    return np.stack(pictures)


def as_tensor(pictures, scale=1 / 255, offset=0.0):
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).float() * scale + offset


def check_points(crops):
    expected, presence, *_ = FaceNetwork("landmarker", 1, scale=1 / 255)(crops)
    with torch.no_grad():
        points, logit = FacePoints()(as_tensor(crops))
    assert np.abs(points.numpy() - expected.reshape(-1, 478, 3)).max() < 1e-3
    assert np.abs(logit.numpy() - presence.ravel()).max() < 1e-3
    (strengths,) = FaceNetwork("blendshapes", 1)(expected.reshape(-1, 478, 3)[:, BLENDSHAPE_POINTS, :2])
    with torch.no_grad():
        found = FaceBlendshapes()(torch.from_numpy(expected.reshape(-1, 478, 3)))
    difference = np.abs(found.numpy() - strengths.reshape(-1, 52))
    # The runtime itself is up to 1.2e-5 away from the same network in double precision; the port is 4e-6.
    assert np.quantile(difference, 0.99) < 1e-5 and difference.max() < 2e-5


def test_points_and_blendshapes_of_made_up_faces_are_those_of_the_runtime(crops):
    check_points(crops)


@pytest.mark.data("london")
def test_points_and_blendshapes_of_real_faces_are_those_of_the_runtime(shared_data):
    paths = sorted(shared_data("london").rglob("*.jpg"))[::25]
    check_points(np.stack([cv2.resize(read_picture(path)[80:470, 60:450], (256, 256)) for path in paths]))


@pytest.mark.parametrize(("card", "side"), [("detector-short-range", 128), ("detector-full-range", 192)])
def test_detectors_are_those_of_the_runtime(crops, card, side):
    pictures = np.stack([cv2.resize(crop, (side, side)) for crop in crops[:4]])
    boxes, logits = FaceNetwork(card, 1, scale=1 / 127.5, offset=-1)(pictures)
    with torch.no_grad():
        found = FaceDetector(card)(as_tensor(pictures, 1 / 127.5, -1.0))
    assert np.abs(found[0].numpy() - boxes).max() < 1e-3 * np.abs(boxes).max()
    assert np.abs(found[1].numpy() - logits[..., 0]).max() < 1e-3 * np.abs(logits).max()


def test_many_faces_at_once_are_the_same_as_one_by_one(crops):
    network, x = FacePoints(), as_tensor(crops)
    with torch.no_grad():
        together, one = network(x)[0], torch.cat([network(x[i : i + 1])[0] for i in range(len(x))])
        nobody = FaceBlendshapes()(network(x[:0])[0])
    assert (together - one).abs().max() < 1e-3 and nobody.shape == (0, 52)


def test_gradients_are_those_of_finite_differences(crops):
    """In double precision, along a smooth change of the picture, from one blendshape back to the pixels."""
    points, blendshapes = FacePoints().double(), FaceBlendshapes().double()
    x = as_tensor(crops[:1]).double().requires_grad_()

    def smile(picture):
        return blendshapes(points(picture)[0])[0, 44]

    direction = torch.from_numpy(cv2.GaussianBlur(np.random.default_rng(0).normal(size=(256, 256)), (0, 0), 4))
    (gradient,) = torch.autograd.grad(smile(x), x)
    step = 1e-6
    with torch.no_grad():
        measured = (smile(x + step * direction) - smile(x - step * direction)) / (2 * step)
    assert abs((gradient * direction).sum() - measured) < 1e-4 * abs(measured)


def test_weights_ask_for_no_gradient_but_are_parameters():
    network = FacePoints()
    assert sum(p.numel() for p in network.parameters()) > 500_000
    assert not any(p.requires_grad for p in network.parameters())
    assert isinstance(network.network.steps["conv_2d_0"], torch.nn.Conv2d)


def test_a_damaged_file_gives_a_sentence():
    """Cut off anywhere, or with bytes changed anywhere: a network or an InputError, nothing else."""
    content = member_bytes("blendshapes")
    draw = np.random.default_rng(0)
    places = [*range(0, 64, 9), *draw.integers(64, len(content), 20)]
    for place in places:
        with pytest.raises(InputError, match="mien models pull"):
            read_graph(content[:place])
    for i in range(60):
        changed = bytearray(content)
        # Most of a file is weights; the structure lies in its first and last parts.
        low, high = (0, 4000) if i % 2 else (len(content) - 40_000, len(content))
        for place in draw.integers(low, high, 6):
            changed[place] = draw.integers(256)
        try:
            GraphModule(read_graph(bytes(changed)))
        except InputError as error:
            assert str(error)


def test_what_is_no_tflite_file_gives_a_sentence():
    with pytest.raises(InputError, match="does not begin as a TFL3 file"):
        read_graph(b"PK\x03\x04 something else entirely")


def network_of(*operations, shapes, constants=None, inputs=(0,), outputs):
    return GraphModule(Graph(tuple(operations), shapes, constants or {}, inputs, outputs))


def test_an_unknown_operation_is_named():
    with pytest.raises(InputError, match="SOFTMAX"):
        network_of(Operation("SOFTMAX", (0,), (1,)), shapes={0: (1, 4), 1: (1, 4)}, outputs=(1,))


def test_same_padding_puts_the_odd_row_at_the_end():
    """TFLite pads 4 columns, filter 3, stride 2 by one column after the last."""
    options = {"padding": 0, "stride_w": 2, "stride_h": 1, "activation": 0, "dilation_w": 1, "dilation_h": 1}
    weight = np.array([1, 10, 100], np.float32).reshape(1, 1, 3, 1)
    module = network_of(
        Operation("CONV_2D", (0, 1), (2,), options),
        shapes={0: (1, 1, 4, 1), 1: weight.shape, 2: (1, 1, 2, 1)}, constants={1: weight}, outputs=(2,),
    )  # fmt: skip
    (found,) = module(torch.tensor([[[[1.0, 2, 3, 4]]]]))
    assert found.flatten().tolist() == [321, 43]


def test_axes_named_in_the_files_layout_are_found_in_ours():
    x = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)  # samples, height, width, channels
    constants = {
        1: np.array([0, 3, 1, 2]),
        3: np.array([3]),
        5: np.array([0, 0, 1, 0]),
        6: np.array([0, 0, 3, 0]),
        7: np.array([1, 1, 1, 1]),
    }
    module = network_of(
        Operation("TRANSPOSE", (0, 1), (2,)),
        Operation("MEAN", (2, 3), (4,), {"keep_dims": 1}),
        Operation("STRIDED_SLICE", (2, 5, 6, 7), (8,), {"begin_mask": 0, "end_mask": 11, "ellipsis_mask": 0,
                                                        "new_axis_mask": 0, "shrink_axis_mask": 0}),
        shapes={0: x.shape, 2: (1, 4, 2, 3), 4: (1, 4, 2, 1), 8: (1, 4, 1, 3),
                **{i: c.shape for i, c in constants.items()}},
        constants=constants, outputs=(4, 8),
    )  # fmt: skip
    mean, part = module(torch.from_numpy(x.transpose(0, 3, 1, 2).copy()))
    turned = x.transpose(0, 3, 1, 2)  # the file's transposing, in the file's layout
    np.testing.assert_allclose(mean.movedim(1, 3).numpy(), turned.mean(3, keepdims=True))
    np.testing.assert_allclose(part.movedim(1, 3).numpy(), turned[:, :, 1:3])


def test_a_picture_of_another_size_gives_a_sentence():
    with pytest.raises(InputError, match="3, 256, 256"):
        FacePoints()(torch.zeros(1, 3, 128, 128))


def test_numbers_of_operations_are_those_of_the_schema():
    """Against the classes that the runtime's package generates from TensorFlow Lite's schema."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    from mien.nets.landmarker.graph import OPERATIONS

    for number, name in OPERATIONS.items():
        assert getattr(schema.BuiltinOperator, name) == number
    model = schema.ModelT.InitFromPackedBuf(member_bytes("landmarker"), 0)
    graph = read_graph(member_bytes("landmarker"))
    assert tuple(model.subgraphs[0].outputs) == graph.outputs
    filters = [i for o in graph.operations if o.name == "CONV_2D" for i in o.inputs[1:2]]
    assert graph.shapes[filters[0]] == tuple(model.subgraphs[0].tensors[filters[0]].shape)
