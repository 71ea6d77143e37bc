"""Attribution methods as they apply to a problem: where its inputs live decides what they leave open."""

import keras

from thesis_rnn.attribution import Explanation, MethodSpec, explain_by
from thesis_rnn.attribution.methods import parameter_names
from thesis_rnn.data import Problem


def explain_on(problem: Problem, model: keras.Model, x, target, spec: MethodSpec) -> Explanation:
    """The explanation of samples of ``problem``, whose domain is the method's unless the method names another."""
    known = {"inputs": problem.domain}
    left = {name: value for name, value in known.items() if name in parameter_names(spec.name)}
    return explain_by(model, x, target, spec, **{name: v for name, v in left.items() if name not in spec.parameters})
