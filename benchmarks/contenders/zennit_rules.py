"""zennit: its rules by composites, registered once."""

from importlib.metadata import version

import numpy as np
import torch
from torch import nn

from benchmarks.cases import EPSILON, GRADIENT, HIGH, LOW
from benchmarks.contenders import torchvision_stand_in
from benchmarks.contenders.torch_networks import forward_and_backward, network
from benchmarks.serving import Job, NotOffered, serve, threads

torchvision_stand_in.install()

from zennit import composites, rules  # noqa: E402 (after the stand-in)

RULES = {
    "epsilon": lambda: rules.Epsilon(EPSILON),
    "z_plus": lambda: rules.ZPlus(),
    "alpha2_beta1": lambda: rules.AlphaBeta(2.0, 1.0),
}


def load(job: dict) -> Job:
    module, x, target = network(job)
    if job["rule"] == GRADIENT:
        return forward_and_backward(module, x, target)
    composite, squared = composite_of(job)
    composite.register(module)  # for good: hooks that are registered once are not part of the cost
    x = x.requires_grad_()

    def run() -> np.ndarray:
        logits = module(x)
        start = torch.zeros_like(logits)
        start[:, target] = 1 if squared else logits[:, target].detach()
        (relevance,) = torch.autograd.grad(logits, x, start)
        return (relevance**2 if squared else relevance).numpy()

    return run


def composite_of(job: dict):
    """The composite of a rule, and whether the relevance is the square of what arrives."""
    if job["rule"] == "sensitivity":
        return composites.LayerMapComposite([]), True
    if job["rule"] == "guided_backprop":
        return composites.GuidedBackprop(), True
    rectifier = (nn.ReLU, rules.Pass())
    if job["rule"] == "dtd":
        if job["case"] == "cell":
            raise NotOffered("no rule for a layer that sees pixels and activations")
        box = rules.ZBox(LOW, HIGH)
        return composites.SpecialFirstLayerMapComposite(
            [rectifier, (nn.Linear, rules.ZPlus())], [(nn.Linear, box)]
        ), False
    return composites.LayerMapComposite([rectifier, (nn.Linear, RULES[job["rule"]]())]), False


if __name__ == "__main__":
    torch.set_num_threads(threads())
    serve(load, {"zennit": version("zennit"), "PyTorch": torch.__version__})
