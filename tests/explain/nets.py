"""Small networks built like the families people use, and pictures with a planted cause."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def block(inside, outside, stride=1):
    return nn.Sequential(nn.Conv2d(inside, outside, 3, stride, 1), nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


class Gap(nn.Module):
    """Convolutions, global average pooling, one linear layer: the network CAM was defined for."""

    def __init__(self, outputs=3, channels=8):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(inplace=True), nn.AvgPool2d(2),
            nn.Conv2d(6, channels, 3, padding=1), nn.ReLU(inplace=True),
        )  # fmt: skip
        self.head = nn.Linear(channels, outputs)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


class Vgg(nn.Module):
    """Ends with a maximum pooling, an adaptive pooling and a classifier of linear layers."""

    def __init__(self, outputs=3):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2),
            nn.Conv2d(6, 8, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2),
        )  # fmt: skip
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(nn.Linear(32, 12), nn.ReLU(True), nn.Dropout(), nn.Linear(12, outputs))

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class Residual(nn.Module):
    """A residual block whose ReLU is used twice."""

    def __init__(self, inside, outside):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inside, outside, 3, 2, 1), nn.BatchNorm2d(outside)
        self.conv2, self.bn2 = nn.Conv2d(outside, outside, 3, 1, 1), nn.BatchNorm2d(outside)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Conv2d(inside, outside, 1, 2)

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + self.downsample(x))


class Resnet(nn.Module):
    def __init__(self, outputs=3):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, padding=1)
        self.layer1 = nn.Sequential(Residual(6, 8))
        self.layer2 = nn.Sequential(Residual(8, 10))
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(10, outputs)

    def forward(self, x):
        return self.fc(self.avgpool(self.layer2(self.layer1(self.conv1(x)))).flatten(1))


class Densenet(nn.Module):
    """Functions instead of modules after the last norm."""

    def __init__(self, outputs=3):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, padding=1))
        self.features.add_module("norm5", nn.BatchNorm2d(8))
        self.classifier = nn.Linear(8, outputs)

    def forward(self, x):
        return self.classifier(functional.adaptive_avg_pool2d(functional.relu(self.features(x)), 1).flatten(1))


class Gate(nn.Module):
    """Squeeze and excitation: its own maps are one pixel large."""

    def __init__(self, channels):
        super().__init__()
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc(self.avgpool(x)))


class Mobilenet(nn.Module):
    """Depthwise convolutions, gates, hard swish: as MobileNet and EfficientNet."""

    def __init__(self, outputs=3):
        super().__init__()
        self.features = nn.Sequential(
            nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.Hardswish()),
            nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.ReLU6(), Gate(8), nn.Conv2d(8, 10, 1)),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(10, outputs)

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class Squeezenet(nn.Module):
    """The classifier is a convolution: its map has one channel per class."""

    def __init__(self, outputs=3):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.ReLU(inplace=True), nn.Conv2d(6, 8, 3, 1, 1))
        self.classifier = nn.Sequential(
            nn.Dropout(), nn.Conv2d(8, outputs, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d((1, 1))
        )

    def forward(self, x):
        return self.classifier(self.features(x)).flatten(1)


class Attention(nn.Module):
    """Attention with visible weights (rows, heads, tokens, tokens)."""

    def __init__(self, width, heads=2):
        super().__init__()
        self.heads = heads
        self.qkv, self.attn_drop, self.proj = nn.Linear(width, 3 * width), nn.Dropout(0.1), nn.Linear(width, width)

    def forward(self, x):
        rows, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(rows, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = self.attn_drop((q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1))
        return self.proj((weights @ v).transpose(1, 2).reshape(rows, tokens, width))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.attn, self.norm2 = nn.LayerNorm(width), Attention(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    """Patches to tokens; reads its class token (and registers are in the way) or the mean of its tokens."""

    def __init__(self, outputs=3, width=8, prefix=1, side=16, pooled=False):
        super().__init__()
        self.prefix, self.pooled = prefix, pooled
        self.patch_embed = nn.Conv2d(3, width, 4, 4)
        self.extra = nn.Parameter(torch.randn(1, prefix, width) * 0.1)
        self.place = nn.Parameter(torch.randn(1, (side // 4) ** 2, width) * 0.1)
        self.blocks = nn.Sequential(Block(width), Block(width))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, outputs)

    def forward(self, x):
        tokens = self.patch_embed(x).flatten(2).transpose(1, 2) + self.place
        tokens = torch.cat([self.extra.expand(len(x), -1, -1), tokens], dim=1)
        tokens = self.norm(self.blocks(tokens))
        return self.head(tokens.mean(dim=1) if self.pooled else tokens[:, 0])


class TorchVit(nn.Module):
    """A transformer of torch's own encoder layers."""

    def __init__(self, outputs=3, width=8):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        layer = nn.TransformerEncoderLayer(width, 2, 16, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(width, outputs)

    def forward(self, x):
        tokens = torch.cat([self.token.expand(len(x), -1, -1), self.patch(x).flatten(2).transpose(1, 2)], dim=1)
        return self.head(self.encoder(tokens)[:, 0])


class Swin(nn.Module):
    """Maps with their channels last."""

    def __init__(self, outputs=3):
        super().__init__()
        self.patch, self.mix, self.norm = nn.Conv2d(3, 10, 4, 4), nn.Linear(10, 10), nn.LayerNorm(10)
        self.head = nn.Linear(10, outputs)

    def forward(self, x):
        return self.head(self.norm(torch.tanh(self.mix(self.patch(x).permute(0, 2, 3, 1)))).mean((1, 2)))


class Gru(nn.Module):
    """Clips (rows, frames, points, coordinates) to scores."""

    def __init__(self, points=5, outputs=3):
        super().__init__()
        self.net, self.head = nn.GRU(2 * points, 8, batch_first=True), nn.Linear(8, outputs)

    def forward(self, x):
        return self.head(self.net(x.flatten(2))[0][:, -1])


def mlp(inside=6, outputs=3):
    return nn.Sequential(nn.Linear(inside, 16), nn.ReLU(), nn.Linear(16, 12), nn.Tanh(), nn.Linear(12, outputs))


def made(build, *, seed=0, **settings):
    """A network from a seed, in evaluation mode, its batch norms as if trained."""
    torch.manual_seed(seed)
    network = build(**settings)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_(0, 0.1)
            part.running_var.uniform_(0.5, 1.5)
    return network.eval()


def linear(weights, bias=0.0):
    """A linear model of flattened inputs with these weights (outputs, values)."""
    weights = np.asarray(weights, dtype=np.float32)
    layer = nn.Linear(weights.shape[1], weights.shape[0])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
        layer.bias.fill_(bias)
    return nn.Sequential(nn.Flatten(), layer)
