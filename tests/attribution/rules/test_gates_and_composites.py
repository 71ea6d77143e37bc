"""Gated products and composites: by hand, against the oracle, in a cell, and defined by a user."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.helpers.small_networks import samples, small
from tests.oracle import rules as oracle
from thesis_rnn import explain, method_names
from thesis_rnn.attribution import COMPOSITES, METHODS, Composite, method_spec, preset
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma, WSquare
from thesis_rnn.attribution.rules.gates import GATE_RULES
from thesis_rnn.core.linear_maps import KernelPerSample, SlidingKernel
from thesis_rnn.core.primitives import Site
from thesis_rnn.errors import InputError

# ---- gates


def shares(policy, g, signal, relevance):
    arrays = (tf.constant(np.asarray(part, np.float64)) for part in (g, signal, relevance))
    return [part.numpy() for part in GATE_RULES[policy](*arrays)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("all", (0, 6)),
        ("half", (3, 3)),
        ("prop", (-3, 9)),  # 1/-2 and -3/-2 of 6
        ("abs", (1.5, 4.5)),  # 1/4 and 3/4 of 6
    ],
)
def test_gated_products_by_hand(policy, expected):
    np.testing.assert_allclose(shares(policy, 1.0, -3.0, 6.0), expected)


@pytest.mark.parametrize("policy", ["prop", "abs"])
def test_a_gate_and_a_signal_that_cancel_lose_the_relevance(policy):
    g, signal = (0.5, -0.5) if policy == "prop" else (0.0, 0.0)
    assert shares(policy, g, signal, 6.0) == [0, 0]


@pytest.mark.parametrize("policy", GATE_RULES)
def test_gated_products_agree_with_the_oracle(policy):
    rng = np.random.default_rng(0)
    g, signal, relevance = rng.uniform(0, 1, 50), rng.normal(size=50), rng.normal(size=50)
    expected = [oracle.gate(policy, *parts) for parts in zip(g, signal, relevance, strict=True)]
    received = np.transpose(shares(policy, g, signal, relevance))
    np.testing.assert_allclose(received, expected, rtol=1e-12)
    np.testing.assert_allclose(received.sum(axis=1), relevance, rtol=1e-9)


def gated_product():
    """Output = sigmoid(2 x_1) * (3 x_2), without biases."""
    x = keras.Input((2,))
    gate = layers.Dense(1, "sigmoid", use_bias=False, name="gate")(x)
    signal = layers.Dense(1, use_bias=False, name="signal")(x)
    model = keras.Model(x, layers.Dense(1, use_bias=False, name="out")(layers.Multiply()([gate, signal])))
    model.set_weights([np.array([[2.0], [0.0]]), np.array([[0.0], [3.0]]), np.array([[1.0]])])
    return model


def test_the_gate_rule_of_a_composite_acts_in_a_model():
    # x = (0, 1): g = 1/2, s = 3, output 1.5. all: 1.5 to x_2. half: 0.75, and the gate's 0.75 is lost where its
    # pre-activation 2 * 0 is zero. prop and abs: 3 / 3.5 of 1.5 to x_2.
    model, x = gated_product(), [[0.0, 1.0]]
    for gates, expected in (("all", 1.5), ("half", 0.75), ("prop", 4.5 / 3.5), ("abs", 4.5 / 3.5)):
        explanation = explain(model, x, 0, method="lrp_epsilon", epsilon=0.0, gates=gates, ledger=True)
        np.testing.assert_allclose(explanation.relevance, [[0, expected]], rtol=1e-6)
        np.testing.assert_allclose(explanation.unaccounted, [0], atol=1e-6)
    # x = (1, 1): the gate has relevance of its own.
    g = 1 / (1 + np.exp(-2))
    explanation = explain(model, [[1.0, 1.0]], 0, method="lrp_epsilon", epsilon=0.0, gates="half")
    np.testing.assert_allclose(explanation.relevance, [[1.5 * g, 1.5 * g]], rtol=1e-6)


# ---- composites


def test_a_composite_chooses_by_position_and_form():
    rule, first, convolution, mixing = Epsilon(), Flat(), Gamma(), WSquare()
    composite = Composite(rule, first=first, convolution=convolution, mixing=mixing)
    assert composite(Site("a")) is rule
    assert composite(Site("a", first=True)) is first
    assert composite(Site("a", first=True, form=SlidingKernel())) is first
    assert composite(Site("a", form=SlidingKernel())) is convolution
    assert composite(Site("a", form=KernelPerSample())) is mixing
    assert Composite(rule)(Site("a", first=True, form=SlidingKernel())) is rule


def test_named_composites_are_what_their_papers_say():
    made = {name: COMPOSITES[name]() for name in COMPOSITES if name != "composite"}
    assert made["deep_taylor"].rule == AlphaBeta(1.0, 0.0)
    assert made["lrp"] == made["lrp_alpha_beta"] == Composite(AlphaBeta(1.5, 0.5))
    assert made["lrp_epsilon"] == made["lstm_arras_2017"] == Composite(Epsilon(1e-3), stabiliser=1e-3, signed=True)
    assert made["epsilon_plus_flat"].first == Flat()
    assert made["epsilon_gamma"].convolution == Gamma(0.25)
    assert set(made) <= set(method_names())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gates": "none"}, "gates must be one of all, half, prop, abs; received 'none'$"),
        ({"max_pooling": "sum"}, "max_pooling must be one of winner, proportional; received 'sum'$"),
        ({"inputs": "any"}, "inputs must be one of bounded, positive, real; received 'any'$"),
    ],
)
def test_unknown_choices_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Composite(Epsilon(), **arguments)


@pytest.fixture
def added():
    """A composite of a user's own, taken out of the tables again."""
    with METHODS.replaced("mine", None), COMPOSITES.replaced("mine", None):
        del METHODS._entries["mine"], COMPOSITES._entries["mine"]

        @preset("mine", source="this test", label="my rules")
        def mine() -> Composite:
            """epsilon, flat where the input is seen."""
            return Composite(Epsilon(1e-2), first=Flat(), signed=True)

        yield "mine"


def test_a_composite_of_the_user_is_a_method(added):
    model = small("deep", 1)
    x, target = samples(model)
    explanation = explain(model, x, target, method=added)
    np.testing.assert_allclose(explanation.relevance, np.broadcast_to(explanation.relevance[:, :, :1, :1], x.shape))
    assert added in method_names()
    assert method_spec(added).label == "my rules"
    assert not method_spec(added).positive_only
    with pytest.raises(InputError, match=r"^mine has no parameters; received epsilon$"):
        explain(model, x, target, method=added, epsilon=1.0)


def test_max_pooling_by_hand():
    # Windows (1, 3) and (2, 2), summed by weights 1: 3 + 2. The winner takes all; in proportion 1/4 and 3/4 of 3.
    x = keras.Input((4, 1))
    model = keras.Model(x, layers.Dense(1)(layers.Flatten()(layers.MaxPooling1D(2)(x))))
    model.set_weights([np.ones((2, 1)), np.zeros(1)])
    for choice, expected in (("winner", [0, 3]), ("proportional", [0.75, 2.25])):
        composite = Composite(Epsilon(0.0), max_pooling=choice, signed=True)
        relevance = explain(model, [[[1], [3], [2], [2]]], 0, composite).relevance[0, :, 0]
        np.testing.assert_allclose(relevance[:2], expected)
        assert relevance[2:].sum() == 2


@pytest.mark.parametrize(
    "method", ["deep_taylor(inputs=real", "lrp(alpha=2, beta=1, inputs=real", "lrp_alpha_beta(inputs=real"]
)
def test_maxima_are_shared_in_proportion_by_name(method):
    # Positive activations into one weight of 1: every rule shares 3 between 1 and 3 as 0.75 and 2.25.
    x = keras.Input((2, 1))
    model = keras.Model(x, layers.Dense(1)(layers.Flatten()(layers.MaxPooling1D(2)(x))))
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    for choice, expected in (("winner", [0, 3]), ("proportional", [0.75, 2.25])):
        relevance = explain(model, [[[1], [3]]], 0, f"{method}, max_pooling={choice})").relevance[0, :, 0]
        np.testing.assert_allclose(relevance, expected)


def test_pooling_in_proportion_is_continuous_where_the_winner_jumps():
    x = keras.Input((2, 1))
    model = keras.Model(x, layers.Dense(1)(layers.Flatten()(layers.MaxPooling1D(2)(x))))
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    near = np.array([[[1.0], [1.001]], [[1.001], [1.0]]])  # which is greater changes
    moved = {}
    for choice in ("winner", "proportional"):
        winner, loser = explain(model, near, 0, f"deep_taylor(inputs=real, max_pooling={choice})").relevance
        moved[choice] = np.abs(winner - loser).sum()
    assert moved["winner"] > 2
    assert moved["proportional"] < 0.002


def test_a_stabiliser_of_pooling_keeps_its_part():
    # y = 2 (1 + 3) / 2: relevance 1 and 3 without a stabiliser, 2 / 2.5 of it with one of 0.5 beside the mean 2.
    x = keras.Input((2, 1))
    model = keras.Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(x)))
    model.set_weights([np.full((1, 1), 2.0), np.zeros(1)])
    for epsilon, share in ((0.0, 1.0), (0.5, 0.8)):
        composite = Composite(Epsilon(0.0), pooling=epsilon, signed=True)
        record = explain(model, [[[1], [3]]], 0, composite)
        np.testing.assert_allclose(record.relevance[0, :, 0], share * np.array([1, 3]), rtol=1e-6)
        np.testing.assert_allclose(record.absorbed, (1 - share) * 4, atol=1e-6)
    zero = explain(model, np.zeros((1, 2, 1)), 0, Composite(Epsilon(0.0), pooling=0.5, signed=True))
    assert (zero.relevance == 0).all()
