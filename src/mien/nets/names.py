"""Names of the image networks that are offered; every other network of timm can be named, too."""

NETWORKS = (
    "vgg16", "vgg19", "resnet18", "resnet50", "resnet101", "vit-base-patch16-224", "mobilenetv3-large",
    "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "small-cnn", "mlp",
)  # fmt: skip
