"""Composites as text: what a text means, that it explains as the composite itself does, and what is refused."""

import numpy as np
import pytest
from keras import Input, Sequential, layers

from tests.helpers.small_networks import samples, small
from thesis_rnn import explain
from thesis_rnn.attribution import COMPOSITES, RULES, Composite, method_spec, method_specs
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma, WSquare, ZBeta, ZPlus
from thesis_rnn.core.primitives import Site
from thesis_rnn.errors import InputError


def read_composite(text):
    """The composite of the arguments that are written in ``text``."""
    return method_spec(f"composite({text})").made().composite


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epsilon", Composite(Epsilon())),
        ("epsilon(0.01, ignore)", Composite(Epsilon(0.01, "ignore"))),
        (
            "epsilon(0.01), first=flat, convolution=gamma(0.25)",
            Composite(Epsilon(0.01), first=Flat(), convolution=Gamma(0.25)),
        ),
        (
            "alpha_beta(alpha=2, beta=1, low=-1, high=3), mixing=w_square()",
            Composite(AlphaBeta(2, 1, -1, 3), mixing=WSquare()),
        ),
        ("alpha_beta(2, 1), inputs=real, signed=true", Composite(AlphaBeta(2, 1), inputs="real", signed=True)),
        ("z_plus, first=z_beta((0, -1.5), (1, 2))", Composite(ZPlus(), first=ZBeta(low=(0, -1.5), high=(1, 2)))),
        (
            " epsilon , gates = 'half',max_pooling=proportional, stabiliser=1e-3",
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
    for rules, expected in (("epsilon(0), first=flat", [2.5, 2.5]), ("epsilon(0)", [3, 2])):
        explanation = explain(model, [[1.0, 2.0]], 0, f"composite({rules})")
        np.testing.assert_allclose(explanation.relevance, [expected], rtol=1e-6)
        assert explanation.parameters["rule"] == "epsilon(0)"
        assert explanation.parameters["first"] == ("flat" if "flat" in rules else None)


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        ("epsilon(0.01), stabiliser=0.01, signed=true", "lrp_epsilon", {"epsilon": 0.01}),
        ("alpha_beta(2, 1, -1, 1.5)", "lrp", {"alpha": 2.0, "low": -1.0, "high": 1.5}),
        ("epsilon, convolution=gamma(0.5), stabiliser=0.001, signed=true", "epsilon_gamma", {"gamma": 0.5}),
    ],
)
def test_named_composites_can_be_spelled(text, name, parameters):
    model = small("convrlstm_sd", 2)
    x, target = samples(model)
    assert read_composite(text) == COMPOSITES[name](**parameters)
    expected = explain(model, x, target, name, **parameters)
    explanation = explain(model, x, target, f"composite({text})")
    assert abs(expected.relevance).max() > 0
    np.testing.assert_array_equal(explanation.relevance, expected.relevance)


def test_pixels_outside_the_box_of_a_spelled_rule_are_refused():
    model = small("deep", 1)
    x, target = samples(model)
    for rules in ("epsilon, first=z_beta(-0.5, 0.5)", "alpha_beta(2, 1, low=-0.5, high=0.5)"):
        with pytest.raises(InputError, match=r"^pixels must lie in \[-0\.5, 0\.5\] .*; received values from -"):
            explain(model, x, target, f"composite({rules})")


def test_a_composite_is_chosen_beside_other_methods():
    chosen = method_specs("lrp(2, 1); composite(epsilon(0.01), first=flat)")
    assert [spec.text for spec in chosen] == ["lrp(alpha=2, beta=1)", "composite(epsilon(0.01), first=flat)"]
    assert [spec.positive_only for spec in chosen] == [True, False]


# ---- what is refused

KNOWN = "epsilon, gamma, alpha_beta, z_plus, z_beta, w_square, flat"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "epsilom(0.1)",
            rf"^unknown propagation rule; known ones are {KNOWN}; did you mean epsilon\?; received 'epsilom'$",
        ),
        ("epsilon, first=blunt", rf"^unknown propagation rule; known ones are {KNOWN}; received 'blunt'$"),
        ("epsilon(eps=1)", r"^epsilon has the parameters epsilon, bias; did you mean epsilon\?; received eps$"),
        (
            "epsilon(1, epsilon=2)",
            r"^name each argument of epsilon once; received epsilon twice in epsilon\(1, epsilon=2\)$",
        ),
        ("flat(1)", r"^flat has no parameters; received 1$"),
        ("z_beta(0)", r"^z_beta needs high; received z_beta\(0\)$"),
        ("epsilon, frst=flat", r"^composite has the parameters rule, first, .*; did you mean first\?; received frst$"),
        ("first=flat", r"^composite needs rule; received composite\(first=flat\)$"),
        (" ", r"^composite needs rule; received composite$"),
        ("epsilon(tiny)", r"^epsilon of epsilon must be a number; received 'tiny'$"),
        ("epsilon(1e999)", r"^epsilon of epsilon must be a number; received inf$"),
        ("epsilon((1, 2))", r"^epsilon of epsilon must be a number; received \(1, 2\)$"),
        ("epsilon(-1)", r"^epsilon must be at least 0; received -1$"),
        ("epsilon(bias=keep)", r"^the bias policy must be .*; received 'keep'$"),
        ("alpha_beta(2, 0)", r"^alpha - beta must be 1 .*; received alpha=2, beta=0$"),
        ("z_beta(1, 0)", r"^the pixels' low must be below high; received low=1, high=0$"),
        ("z_beta(a, b)", r"^the pixels' low must be below high; received low=a, high=b$"),
        ("epsilon, gates=some", r"^gates must be one of .*; received 'some'$"),
        ("epsilon, signed=1", r"^signed of composite must be true or false; received 1$"),
        ("alpha_beta(2, 1)", r"^a rule of the alpha-beta family needs to know .*; received alpha_beta\(2, 1\)$"),
        ("epsilon, convolution=z_plus", r"^a rule of the alpha-beta family .*; received z_plus$"),
        ("0.5", rf"^expected a rule, one of {KNOWN}, as in composite\(.*; received 0\.5$"),
        (
            "'epsilon(0.01); first=flat'",
            r"^expected a rule, .*, as in composite\(epsilon\(0\.01\), first=flat, .*; received '",
        ),
        ("epsilon, at('logits')", r"^a rule for one layer is written at\(.*\); received at\(logits\)$"),
        ("epsilon, at(flat, 0.5)", r"^expected a rule, .*; received 0\.5$"),
        ("epsilon, at('a', flat), layers=('b', flat)", r"^name the rules of single layers once, as in at\("),
    ],
)
def test_mistakes_are_one_line_with_what_is_known(text, message):
    with pytest.raises(InputError, match=message) as refusal:
        read_composite(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["epsilon(", "epsilon) or (flat", "epsilon, , flat", "a b", "flat()()", "(" * 9999, "flat\0"]
)
def test_texts_of_another_form_are_refused(text):
    with pytest.raises(
        InputError,
        match=r"^expected a name with arguments, as in .*composite\(epsilon\(0\.01\), first=flat\); received '",
    ):
        read_composite(text)


@pytest.mark.parametrize("text", ["open('made', 'w')", "epsilon(open('made', 'w'))", "epsilon(*[open('made', 'w')])"])
def test_a_text_is_never_run(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        read_composite(text)
    assert not list(tmp_path.iterdir())


# ---- rules for single layers


def test_a_rule_for_one_layer_acts_there_alone():
    # x = (1, 2), h = (3, 2), output 5. Plain z above: R_h = (3, 2); flat above: R_h = (2.5, 2.5), so that plain z below
    # gives (1/3 * 2.5 + 2.5, 2/3 * 2.5) = (3.3333, 1.6667).
    model = Sequential(
        [Input((2,)), layers.Dense(2, use_bias=False, name="below"), layers.Dense(1, use_bias=False, name="above")]
    )
    model.set_weights([np.array([[1.0, 2.0], [1.0, 0.0]]), np.ones((2, 1))])
    explanation = explain(model, [[1.0, 2.0]], 0, "composite(epsilon(0), at('above', flat))")
    np.testing.assert_allclose(explanation.relevance, [[2.5 / 3 + 2.5, 5 / 3]], rtol=1e-6)
    assert explanation.parameters["layers"] == "at(above, flat)"
    below = explain(model, [[1.0, 2.0]], 0, "composite(epsilon(0), at(below, flat))").relevance
    np.testing.assert_allclose(below, [[2.5, 2.5]], rtol=1e-6)


def test_a_part_of_a_layer_may_be_named_and_comes_first():
    model = small("rlstm", 2)
    x, target = samples(model)
    site = Site("cell/candidate", first=True)
    by_part = method_spec("composite(epsilon, at('cell/candidate', gamma(0.5)), first=flat)").made().composite
    by_layer = method_spec("composite", rule="epsilon", first="flat", layers=(("cell", Gamma(0.5)),)).made().composite
    assert by_part(site) == by_layer(site) == Gamma(0.5)
    assert by_part(Site("cello", first=True)) == Flat()
    everywhere, there = (
        explain(model, x, target, f"composite({text}, stabiliser=0.001, signed=true)").relevance
        for text in ("gamma(0.5)", "epsilon, at('in1', gamma(0.5)), at('cell', gamma(0.5)), at('logits', gamma(0.5))")
    )
    np.testing.assert_array_equal(everywhere, there)


def test_a_layer_that_the_model_does_not_have_is_refused_with_those_that_it_has():
    model = small("rlstm", 1)
    x, target = samples(model)
    message = r"^rules are for the model's layers, cell/candidate, .*, logits; received one for 'cells'$"
    with pytest.raises(InputError, match=message):
        explain(model, x, target, "composite(epsilon, at(cells, flat))")


# ---- old forms


def test_old_forms_answer_with_the_new_one():
    model = small("deep", 1)
    x, target = samples(model)
    with pytest.raises(
        InputError, match=r"^rules= became arguments, as in composite\(epsilon\(0\.01\), first=flat\); re"
    ):
        explain(model, x, target, "composite", rules="epsilon(0.01); first=flat")
    with pytest.raises(
        InputError, match=r"^rules are arguments of composite, as in composite\(epsilon\(0\.01\), first="
    ):
        explain(model, x, target, "epsilon(0.01); first=flat")


# ---- composites as objects


@pytest.mark.parametrize(
    "composite",
    [
        Composite(Epsilon(0.01), first=Flat(), layers={"logits": Gamma(0.5)}),
        Composite(ZPlus(), first=ZBeta(low=(0, -1.5), high=(1, 2)), mixing=WSquare(), gates="half"),
        Composite(AlphaBeta(2, 1), inputs="real", max_pooling="proportional", stabiliser=1e-3),
    ],
)
def test_a_composite_is_a_method_whose_text_makes_it_again(composite):
    spec = method_spec(composite)
    assert spec.made().composite == composite
    assert method_spec(spec.text).text == spec.text
    assert method_spec(spec.text).made().composite == composite
