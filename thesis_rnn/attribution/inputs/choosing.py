"""The method that fits a model, where the user names none."""

from collections.abc import Callable

import keras

from thesis_rnn.attribution.methods import parameter_names
from thesis_rnn.attribution.stock.signals import has_layers
from thesis_rnn.attribution.tape.network import is_thesis_model, network_of
from thesis_rnn.errors import InputError

PIXELS, LAYERS, GRADIENTS = "lrp", "lrp_epsilon", "integrated_gradients"


def default_method(model: Callable, parameters: dict) -> tuple[str, tuple[str, ...]]:
    """The method for ``model``, and a note that says why it was chosen.

    Relevance propagation: with the bounds of pixels for the thesis' own models, and where parameters of ``lrp`` are
    given; from the logit itself for others; integrated gradients where a layer is not covered.
    """
    if has_layers(model) and is_thesis_model(model):
        return PIXELS, ()
    if not has_layers(model):
        chosen, why = GRADIENTS, "it needs no layers"
    else:
        chosen, why = _by_coverage(model)
    if set(parameters) - set(parameter_names(chosen)):
        chosen, why = PIXELS, f"it has the parameters {', '.join(parameters)}"
    return chosen, (f"method {chosen} was chosen: {why}",)


def _by_coverage(model: keras.Model) -> tuple[str, str]:
    try:
        network_of(model, "float32")
    except InputError as refusal:
        return GRADIENTS, f"relevance cannot be propagated: {str(refusal)[:160]}"
    return LAYERS, "every layer of the model is covered"
