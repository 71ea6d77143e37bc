"""Attribution methods as they apply to a problem, which says what they leave open."""

import keras

from thesis_rnn.attribution import Explanation, MethodSpec, explain_by
from thesis_rnn.attribution.methods import parameter_names
from thesis_rnn.data import Problem


def explain_on(problem: Problem, model: keras.Model, x, target, spec: MethodSpec) -> Explanation:
    """The explanation of samples of ``problem``.

    Parameters that the method leaves open are the problem's: where its inputs live, and the background that "removed"
    means in occlusion and integrated gradients.
    """
    told = {"baseline": problem.background}
    if problem.domain != "tokens":
        told["inputs"] = problem.domain
    left = [name for name in told if name in parameter_names(spec.name) and name not in spec.parameters]
    return explain_by(model, x, target, spec, **{name: told[name] for name in left})
