"""Training the thesis' models in PyTorch, eager and compiled."""

import shutil

import numpy as np
import torch

from benchmarks.contenders.torch_models import ThesisModel, loss
from benchmarks.serving import Job, NotOffered, serve, threads

BATCH = 50


def load(job: dict) -> Job:
    arrays = dict(np.load(job["file"]))
    x, y = torch.tensor(arrays.pop("x")), torch.tensor(arrays.pop("y"), dtype=torch.int64)
    model = ThesisModel(arrays, stationary=job["arch"].endswith("_sd"))
    if job["kind"] == "logits":
        return lambda: model.eval()(x[:BATCH]).detach().numpy()
    called = compiled(model) if job["kind"] == "compile" else model
    order = np.random.default_rng(0).integers(len(y), size=(job["updates"], BATCH))
    batches = [torch.tensor(indices) for indices in order]
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)

    def run() -> None:
        for indices in batches:
            optimizer.zero_grad()
            loss(called(x[indices]), y[indices]).backward()
            optimizer.step()

    return run


def compiled(model: ThesisModel):
    if not any(map(shutil.which, ("g++", "clang++", "c++"))):
        raise NotOffered("torch.compile needs a C++ compiler, and there is none")
    return torch.compile(model)


if __name__ == "__main__":
    torch.set_num_threads(threads())
    serve(load, {"PyTorch": torch.__version__})
