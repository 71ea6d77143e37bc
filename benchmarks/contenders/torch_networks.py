"""The networks of ``cases`` in PyTorch, as its explanation libraries need them: every product and ReLU a module."""

import numpy as np
import torch
from torch import nn

from benchmarks.cases import dense_kernels
from benchmarks.serving import NotOffered


def network(job: dict) -> tuple[nn.Module, torch.Tensor, int]:
    """The network of a job in its layout, the inputs, and the class to explain."""
    arrays = np.load(job["file"])
    build = {("dense", None): dense, ("cell", "unrolled"): unrolled_cell, ("cell", "shared"): shared_cell}
    key = job["case"], job.get("layout")
    if key not in build:
        raise NotOffered(f"no LRP of {job.get('kind', job['case'])} layers")
    return build[key](arrays).eval(), torch.tensor(arrays["x"]), int(arrays["target"])


def dense(arrays) -> nn.Module:
    kernels = dense_kernels(arrays)
    hidden = [part for kernel in kernels[:-1] for part in (linear(kernel), nn.ReLU())]
    return nn.Sequential(*hidden, linear(kernels[-1]))


def unrolled_cell(arrays) -> nn.Module:
    """A copy of the cell's product for every step, with weights of its own: Captum changes them on the way."""
    steps = arrays["x"].shape[1]
    joint = np.concatenate([arrays["input_kernel"], arrays["recurrent_kernel"]])
    return Cell(linear(arrays["input_kernel"]), [linear(joint) for _ in range(steps - 1)], arrays)


def shared_cell(arrays) -> nn.Module:
    """One module that is called at every step, as PyTorch's users write recurrences."""
    steps = arrays["x"].shape[1]
    joint = linear(np.concatenate([arrays["input_kernel"], arrays["recurrent_kernel"]]))
    return Cell(linear(arrays["input_kernel"]), [joint] * (steps - 1), arrays)


class Cell(nn.Module):
    """h_1 = max(0, first x_1), h_t = max(0, products_t [x_t, h_{t-1}]), and logits from h_T."""

    def __init__(self, first: nn.Linear, products: list[nn.Linear], arrays):
        super().__init__()
        self.first = first
        self.products = nn.ModuleList(products)
        self.rectifiers = nn.ModuleList(nn.ReLU() for _ in range(len(products) + 1))
        self.logits = linear(arrays["output_kernel"])

    def forward(self, x):
        first_x, *other_x = x.unbind(1)
        h = self.rectifiers[0](self.first(first_x))
        for x_t, product, rectify in zip(other_x, self.products, self.rectifiers[1:], strict=True):
            h = rectify(product(torch.cat([x_t, h], 1)))
        return self.logits(h)


def linear(kernel: np.ndarray) -> nn.Linear:
    module = nn.Linear(*kernel.shape, bias=False)
    module.weight = nn.Parameter(torch.tensor(kernel.T).contiguous())
    return module


def forward_and_backward(module: nn.Module, x: torch.Tensor, target: int):
    """The gradient of the target's logits with respect to the input."""
    x = x.requires_grad_()

    def run() -> np.ndarray:
        return torch.autograd.grad(module(x)[:, target].sum(), x)[0].numpy()

    return run
