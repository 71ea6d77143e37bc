"""What zennit imports of torchvision: two classes, by which it recognises ResNets. No network here has one.

torchvision has no build for every CPU build of PyTorch; with empty classes in its place, zennit works without it.
"""

import sys
import types


def install() -> None:
    """Makes ``from torchvision.models.resnet import Bottleneck, BasicBlock`` work."""
    resnet = types.ModuleType("torchvision.models.resnet")
    resnet.Bottleneck, resnet.BasicBlock = type("Bottleneck", (), {}), type("BasicBlock", (), {})
    for module in (types.ModuleType("torchvision"), types.ModuleType("torchvision.models"), resnet):
        sys.modules[module.__name__] = module
