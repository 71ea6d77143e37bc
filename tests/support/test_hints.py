"""Hints: what was meant, and lists that fit on a line."""

import pytest

from thesis_rnn.attribution import method_spec
from thesis_rnn.attribution.methods import method_names, parameter_names
from thesis_rnn.errors import InputError
from thesis_rnn.support import elsewhere
from thesis_rnn.support.hints import LISTED, did_you_mean, listed


def test_spelling_names_of_others_and_nothing():
    known = ["grad_cam", "lrp", "integrated_gradients"]
    assert did_you_mean("GradCAM", known) == "; did you mean grad_cam?"
    assert did_you_mean("grad_camm", known) == "; did you mean grad_cam?"
    assert did_you_mean("ig", known) == ""
    assert did_you_mean("ig", known, {"ig": "integrated_gradients"}) == "; did you mean integrated_gradients?"
    assert did_you_mean("dtd", known, {"dtd": "deep_taylor"}) == ""  # which there is not


def test_a_long_list_is_cut_at_a_name():
    names = [f"name_{k:03}" for k in range(100)]
    text = listed(names)
    shown = text.partition(" and ")[0].split(", ")
    assert shown == names[: len(shown)]
    assert len(", ".join(shown)) <= LISTED < len(", ".join(names[: len(shown) + 1]))
    assert text.endswith(f" and {100 - len(shown)} more (thesis-rnn list)")
    assert listed(names[:3]) == "name_000, name_001, name_002"


def test_names_from_elsewhere_lead_to_names_that_there_are():
    assert set(elsewhere.METHODS.values()) <= set(method_names())
    parameters = {name for method in method_names() for name in parameter_names(method)}
    assert set(elsewhere.PARAMETERS.values()) <= parameters


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ig", "integrated_gradients"),
        ("IntegratedGradients", "integrated_gradients"),
        ("DeepLiftShap", "deep_shap"),
        ("gradcam", "grad_cam"),
        ("integrated_gradients(n_steps=3)", "points"),
        ("smoothgrad(nt_samples=3)", "copies"),
    ],
)
def test_what_users_of_other_libraries_type(text, meant):
    with pytest.raises(InputError, match=rf"did you mean {meant}\?; received ") as error:
        method_spec(text)
    assert len(str(error.value)) <= 400
