"""Measures by Captum and Quantus, on the arrays of ``tests/helpers/peer_case.py``.

``python -m tests.peers.frozen_measures``, where captum and quantus are installed, writes ``peer_measures.json``, which
``tests/measures/test_beside_peers.py`` compares ours with wherever they are not.
"""

import importlib.metadata
import json

import numpy as np

from tests.helpers.peer_case import FROZEN, NUMBER, Case


def captum_measures(case: Case) -> dict[str, np.ndarray]:
    """Max-sensitivity and infidelity, with the perturbations that ours draw."""
    import torch
    from captum.metrics import infidelity, sensitivity_max

    x, relevance, target = (torch.tensor(array) for array in (case.x, case.relevance, case.target))

    def each(noise):  # Captum repeats each sample in place, ours the whole batch
        return torch.tensor(np.broadcast_to(noise[np.newaxis], (len(x), *noise.shape)).reshape(-1, *x.shape[1:]).copy())

    def explain(inputs, target):  # a tuple the first time, then a tensor
        inputs = inputs if isinstance(inputs, tuple) else (inputs,)
        return (torch.tensor(case.explain(inputs[0].numpy(), target.numpy())),)

    noise = np.moveaxis(case.uniform_noise(), 1, 0).reshape(-1, *case.x.shape[1:])

    def forward(inputs):
        return torch.tensor(case.predict(inputs.numpy()))

    def subtracted(inputs):
        return each(case.normal_noise()), inputs - each(case.normal_noise())

    def removed(inputs):
        mask = each(case.removed().astype(float))
        return mask, inputs * (1 - mask)

    given = {"attributions": relevance, "target": target, "n_perturb_samples": NUMBER}
    return {
        "max_sensitivity": sensitivity_max(
            explain, x, lambda inputs, _: inputs + torch.tensor(noise), n_perturb_samples=NUMBER, target=target
        ),
        "infidelity_noise": infidelity(forward, subtracted, x, **given),
        "infidelity_noise_scaled": infidelity(forward, subtracted, x, normalize=True, **given),
        "infidelity_removal": infidelity(forward, removed, x, **given),
        "infidelity_removal_scaled": infidelity(forward, removed, x, normalize=True, **given),
    }


def quantus_measures(case: Case) -> dict[str, np.ndarray]:
    """Pixel flipping, sparseness, complexity and the four localisation metrics."""
    import quantus
    import torch

    class Net(torch.nn.Module):
        def forward(self, x):
            return torch.tanh(x.double().reshape(len(x), -1) @ torch.tensor(case.first)) @ torch.tensor(case.second)

    plain = {"disable_warnings": True, "normalise": False}
    metrics = {
        "flipping": quantus.PixelFlipping(features_in_step=1, perturb_baseline=0.0, abs=False, **plain),
        "gini": quantus.Sparseness(abs=True, **plain),
        "entropy": quantus.Complexity(abs=True, **plain),
    }
    found = {name: _scores(metric, Net().eval(), case, case.relevance) for name, metric in metrics.items()}
    of_evidence = {
        "roc_auc": quantus.AUC(**plain),
        "mass_accuracy": quantus.RelevanceMassAccuracy(**plain),
        "rank_accuracy": quantus.RelevanceRankAccuracy(**plain),
        "pointing_game": quantus.PointingGame(**plain),
    }
    positive = np.abs(case.relevance)
    return found | {name: _scores(metric, None, case, positive) for name, metric in of_evidence.items()}


def _scores(metric, model, case: Case, relevance: np.ndarray) -> np.ndarray:
    """Quantus takes images [n, channels, rows, columns]."""
    images = {"x_batch": case.x, "a_batch": relevance, "s_batch": case.evidence}
    images = {name: array[:, np.newaxis].copy() for name, array in images.items()}
    return np.array(metric(model=model, y_batch=case.target, channel_first=True, softmax=False, **images), float)


def measured() -> dict[str, list]:
    """All of them, as numbers for each sample."""
    case = Case()
    return {name: np.asarray(each).tolist() for name, each in (captum_measures(case) | quantus_measures(case)).items()}


if __name__ == "__main__":
    versions = {name: importlib.metadata.version(name) for name in ("captum", "quantus")}
    command = "python -m tests.peers.frozen_measures"
    FROZEN.write_text(json.dumps({"command": command, "versions": versions, "values": measured()}, indent=1) + "\n")
