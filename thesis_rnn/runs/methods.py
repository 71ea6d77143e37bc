"""Attribution methods as they apply to a problem, which says what they leave open."""

import keras

from thesis_rnn.attribution import Explanation, MethodSpec, explain_by
from thesis_rnn.attribution.methods import parameter_names
from thesis_rnn.data import Problem


def explain_on(problem: Problem, model: keras.Model, x, target, spec: MethodSpec, ledger: bool = False) -> Explanation:
    """The explanation of samples of ``problem``.

    What the method leaves open is the problem's: where its inputs live, and the background that "removed" means. A
    ``ledger`` is kept of methods that conserve.
    """
    is_open = "inputs" in parameter_names(spec.name) and "inputs" not in spec.parameters
    told = {"inputs": problem.domain} if is_open and problem.domain != "tokens" else {}
    ledger = ledger and spec.made().conserves
    return explain_by(model, x, target, spec, background=problem.background, ledger=ledger, **told)
