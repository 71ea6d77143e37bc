"""Captum: LRP by its rules, guided backprop and saliency."""

from importlib.metadata import version

import numpy as np
import torch
from captum import attr
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule
from torch import nn

from benchmarks.cases import EPSILON, GRADIENT
from benchmarks.contenders.torch_networks import forward_and_backward, network
from benchmarks.serving import Job, NotOffered, serve, threads

RULES = {"epsilon": lambda: EpsilonRule(EPSILON), "z_plus": Alpha1_Beta0_Rule}


def load(job: dict) -> Job:
    module, x, target = network(job)
    if job["rule"] == GRADIENT:
        return forward_and_backward(module, x, target)
    x = x.requires_grad_()
    squares = {"sensitivity": attr.Saliency, "guided_backprop": attr.GuidedBackprop}
    if job["rule"] in squares:
        method = squares[job["rule"]](module)
        return lambda: (method.attribute(x, target) ** 2).detach().numpy()
    if job["rule"] not in RULES:
        raise NotOffered("no such rule")
    set_rules(module, job["rule"])
    method = attr.LRP(module)

    def run() -> np.ndarray:
        relevance = method.attribute(x, target).detach().numpy()
        if not job.get("rules_set_once"):
            set_rules(module, job["rule"])  # each call deletes them, and the next one would silently take others
        return relevance

    return run


def set_rules(module: nn.Module, rule: str) -> None:
    for part in module.modules():
        if isinstance(part, nn.Linear):
            part.rule = RULES[rule]()


if __name__ == "__main__":
    torch.set_num_threads(threads())
    serve(load, {"Captum": version("captum"), "PyTorch": torch.__version__})
