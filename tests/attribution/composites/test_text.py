"""Composites as text: what a text means, that it explains as the composite itself does, and what is refused."""

import numpy as np
import pytest
from keras import Input, Sequential, layers

from tests.helpers.small_networks import samples, small
from thesis_rnn import explain
from thesis_rnn.attribution import COMPOSITES, RULES, Composite, method_specs
from thesis_rnn.attribution.composites.text import read_composite
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma, WSquare, ZBeta, ZPlus
from thesis_rnn.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epsilon", Composite(Epsilon())),
        ("epsilon(0.01, ignore)", Composite(Epsilon(0.01, "ignore"))),
        (
            "epsilon(0.01); first=flat; convolution=gamma(0.25)",
            Composite(Epsilon(0.01), first=Flat(), convolution=Gamma(0.25)),
        ),
        (
            "alpha_beta(alpha=2, beta=1, low=-1, high=3); mixing=w_square()",
            Composite(AlphaBeta(2, 1, -1, 3), mixing=WSquare()),
        ),
        ("alpha_beta(2, 1); inputs=real; signed=true", Composite(AlphaBeta(2, 1), inputs="real", signed=True)),
        ("z_plus; first=z_beta((0, -1.5), (1, 2))", Composite(ZPlus(), first=ZBeta(low=(0, -1.5), high=(1, 2)))),
        (
            " epsilon ; gates = 'half';max_pooling=proportional; stabiliser=1e-3",
            Composite(Epsilon(), gates="half", max_pooling="proportional", stabiliser=1e-3),
        ),
    ],
)
def test_a_text_is_the_composite_that_it_spells(text, expected):
    assert read_composite(text) == expected


def test_every_rule_has_a_name():
    boxes = {"alpha_beta": "(low=0, high=1)", "z_plus": "(low=0, high=1)", "z_beta": "(0, 1)"}
    made = {type(read_composite(name + boxes.get(name, "")).rule) for name in RULES}
    assert made == {Epsilon, Gamma, AlphaBeta, ZBeta, WSquare, Flat}


# ---- explanations


def test_epsilon_and_flat_by_hand():
    # x = (1, 2), h = (1 * 1 + 2 * 1, 1 * 2 + 2 * 0) = (3, 2), output 3 + 2 = 5. Above, plain z: R_h = (3, 2). Flat
    # gives each input half of both: (2.5, 2.5). Plain z gives (1/3 * 3 + 2/2 * 2, 2/3 * 3) = (3, 2).
    model = Sequential([Input((2,)), layers.Dense(2, use_bias=False), layers.Dense(1, use_bias=False)])
    model.set_weights([np.array([[1.0, 2.0], [1.0, 0.0]]), np.ones((2, 1))])
    for rules, expected in (("epsilon(0); first=flat", [2.5, 2.5]), ("epsilon(0)", [3, 2])):
        explanation = explain(model, [[1.0, 2.0]], 0, "composite", rules=rules)
        np.testing.assert_allclose(explanation.relevance, [expected], rtol=1e-6)
        assert explanation.parameters == {"rules": rules}


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        ("epsilon(0.01); stabiliser=0.01; signed=true", "lrp_epsilon", {"epsilon": 0.01}),
        ("alpha_beta(2, 1, -1, 1.5)", "lrp", {"alpha": 2.0, "low": -1.0, "high": 1.5}),
        ("epsilon; convolution=gamma(0.5); stabiliser=0.001; signed=true", "epsilon_gamma", {"gamma": 0.5}),
    ],
)
def test_named_composites_can_be_spelled(text, name, parameters):
    model = small("convrlstm_sd", 2)
    x, target = samples(model)
    assert read_composite(text) == COMPOSITES[name](**parameters)
    expected = explain(model, x, target, name, **parameters)
    explanation = explain(model, x, target, "composite", rules=text)
    assert abs(expected.relevance).max() > 0
    np.testing.assert_array_equal(explanation.relevance, expected.relevance)


def test_pixels_outside_the_box_of_a_spelled_rule_are_refused():
    model = small("deep", 1)
    x, target = samples(model)
    for rules in ("epsilon; first=z_beta(-0.5, 0.5)", "alpha_beta(2, 1, low=-0.5, high=0.5)"):
        with pytest.raises(InputError, match=r"^pixels must lie in \[-0\.5, 0\.5\] .*; received values from -"):
            explain(model, x, target, "composite", rules=rules)


def test_a_composite_is_chosen_for_a_run_beside_other_methods():
    chosen = method_specs("lrp(alpha=2, beta=1); composite(rules='epsilon(0.01); first=flat')")
    assert [(spec.name, spec.parameters) for spec in chosen] == [
        ("lrp", {"alpha": 2, "beta": 1}),
        ("composite", {"rules": "epsilon(0.01); first=flat"}),
    ]
    with pytest.raises(InputError, match=r"^composite needs rules, as in .*; received"):
        method_specs("lrp(alpha=2, beta=1); composite")


# ---- what is refused

KNOWN = "epsilon, gamma, alpha_beta, z_plus, z_beta, w_square, flat"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epsilom(0.1)", rf"^unknown propagation rule; known ones are {KNOWN}.*; received 'epsilom'$"),
        ("epsilon; first=blunt", rf"^unknown propagation rule; known ones are {KNOWN}; received 'blunt'$"),
        ("epsilon(eps=1)", r"^epsilon takes epsilon=0.001, bias=absorb; received epsilon\(eps=1\)$"),
        ("epsilon(1, epsilon=2)", r"^epsilon takes epsilon=.*; received epsilon\(1, epsilon=2\)$"),
        ("flat(1)", r"^flat takes no arguments; received flat\(1\)$"),
        ("z_beta(0)", r"^z_beta takes low, high; received z_beta\(0\)$"),
        ("epsilon; frst=flat", r"^a composite takes rule, first=None, .*; received composite\(epsilon, frst=flat\)$"),
        ("first=flat", r"^a composite takes rule, .*; received composite\(first=flat\)$"),
        (" ", r"^a composite takes rule, .*; received composite\(\)$"),
        ("epsilon(tiny)", r"^epsilon of epsilon must be a number; received 'tiny'$"),
        ("epsilon(1e999)", r"^epsilon of epsilon must be a number; received inf$"),
        ("epsilon((1, 2))", r"^epsilon of epsilon must be a number; received \(1\.0, 2\.0\)$"),
        ("epsilon(-1)", r"^epsilon must be at least 0; received -1$"),
        ("epsilon(bias=keep)", r"^the bias policy must be .*; received 'keep'$"),
        ("alpha_beta(2, 0)", r"^alpha - beta must be 1 .*; received alpha=2, beta=0$"),
        ("z_beta(1, 0)", r"^the pixels' low must be below high; received low=1, high=0$"),
        ("z_beta(a, b)", r"^the pixels' low must be below high; received low=a, high=b$"),
        ("epsilon; gates=none", r"^gates must be one of .*; received 'none'$"),
        ("epsilon; signed=1", r"^signed of a composite must be true or false; received 1$"),
        ("alpha_beta(2, 1)", r"^a rule of the alpha-beta family needs to know .*; received alpha_beta\(2, 1\)$"),
        ("epsilon; convolution=z_plus", r"^a rule of the alpha-beta family .*; received z_plus$"),
        ("0.5", rf"^expected a rule, one of {KNOWN}; received 0\.5$"),
        ("flat()()", r"^expected a rule, .*; received flat\(\)\(\)$"),
    ],
)
def test_mistakes_are_one_line_with_what_is_known(text, message):
    with pytest.raises(InputError, match=message) as refusal:
        read_composite(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["epsilon(", "epsilon) or (flat", "epsilon; ; flat", "a b", "(" * 9999, "flat\0"])
def test_texts_of_another_form_are_refused(text):
    with pytest.raises(InputError, match=r"^rules are separated by semicolons, as in 'epsilon.*; received '"):
        read_composite(text)


@pytest.mark.parametrize("text", ["open('made', 'w')", "epsilon(open('made', 'w'))", "epsilon(*[open('made', 'w')])"])
def test_a_text_is_never_run(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        read_composite(text)
    assert not list(tmp_path.iterdir())
