"""The rules and methods against PyTorch libraries on the same weights, in float64: zennit and Captum.

``pip install '.[test,peers]'``, then ``pytest -m peers``. Where the libraries define a rule otherwise:

* z+, alpha-beta, w-square: zennit adds b+, b- or b^2 to the denominators, where ours leave biases out; its option
  ``zero_params="bias"`` makes it do the same. Epsilon, gamma and flat treat biases alike, and in z-beta they cancel.
* All but epsilon: zennit adds 1e-6 to denominators, where ours have no stabiliser and lose what a zero would share.
  Its stabiliser is a parameter, and ``unstabilised`` is ours.
* alpha-beta: where a neuron has no negative part, ours gives all relevance to the positive one and conserves it, while
  zennit multiplies it by alpha; and alike without a positive part. The networks are wide enough to have both.
* Integrated gradients: Captum's default is Gauss-Legendre quadrature; its "riemann_middle" is our midpoint rule.
"""

import sys
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from thesis_rnn import explain
from thesis_rnn.attribution import Composite
from thesis_rnn.attribution.rules import AlphaBeta, Epsilon, Flat, Gamma, WSquare, ZBeta, ZPlus, apply_rule
from thesis_rnn.core.linear_maps import SlidingKernel

pytestmark = pytest.mark.peers

FLOAT64, FLOAT32 = 1e-10, 1e-6  # tolerated differences; Captum rounds steps and differences to float32 on the way
LOW, HIGH = -2.0, 2.5  # a box that is not symmetric, so that swapped bounds show

RULES = {
    "plain z": (Epsilon(0.0), lambda zennit: zennit.Epsilon(unstabilised)),
    "epsilon": (Epsilon(0.3), lambda zennit: zennit.Epsilon(0.3)),
    "epsilon, bias ignored": (Epsilon(0.3, "ignore"), lambda zennit: zennit.Epsilon(0.3, zero_params="bias")),
    "gamma": (Gamma(0.4), lambda zennit: zennit.Gamma(0.4, unstabilised)),
    "z+": (ZPlus(), lambda zennit: zennit.ZPlus(unstabilised, "bias")),
    "alpha-beta": (AlphaBeta(2.5, 1.5), lambda zennit: zennit.AlphaBeta(2.5, 1.5, unstabilised, "bias")),
    "z-beta": (ZBeta(low=LOW, high=HIGH), lambda zennit: zennit.ZBox(LOW, HIGH, unstabilised)),
    "w-square": (WSquare(), lambda zennit: zennit.WSquare(unstabilised, "bias")),
    "flat": (Flat(), lambda zennit: zennit.Flat(unstabilised)),
}


def unstabilised(z):
    """The denominator itself; infinite where it is zero, so that nothing is shared."""
    return z.masked_fill(z == 0, float("inf"))


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def zennit(torch):
    """The module of zennit's rules.

    Importing zennit imports two classes of torchvision, by which it recognises ResNets. No test has one, so they are
    stood in for by empty classes: torchvision need not be there, nor fit the installed torch.
    """
    resnet = types.ModuleType("torchvision.models.resnet")
    resnet.Bottleneck, resnet.BasicBlock = type("Bottleneck", (), {}), type("BasicBlock", (), {})
    with pytest.MonkeyPatch.context() as patch:
        for module in (types.ModuleType("torchvision"), types.ModuleType("torchvision.models"), resnet):
            patch.setitem(sys.modules, module.__name__, module)
        return pytest.importorskip("zennit.rules")


@pytest.fixture(scope="module")
def captum(torch):
    return pytest.importorskip("captum.attr")


# ---- one layer


LAYERS = {
    "dense": ((12,), lambda: layers.Dense(6), None),
    "convolution, same": ((5, 4, 3), lambda: layers.Conv2D(4, 3, padding="same"), SlidingKernel((1, 1), "same")),
    "convolution, strided": ((6, 5, 3), lambda: layers.Conv2D(4, (3, 2), (2, 1)), SlidingKernel((2, 1), "valid")),
}


@pytest.mark.parametrize("place", LAYERS)
@pytest.mark.parametrize("domain", ["real", "positive"])
@pytest.mark.parametrize("case", RULES)
def test_rules_on_one_layer(torch, zennit, case, domain, place):
    rule, peer = RULES[case]
    rng = np.random.default_rng(0)
    shape, make, form = LAYERS[place]
    layer = make()
    layer.build((None, *shape))
    randomise(layer, rng)
    x = rng.uniform(LOW if domain == "real" else 0, HIGH, (8, *shape))
    relevance = rng.normal(size=layer(x).shape)
    kernel, bias = (tf.constant(weight, tf.float64) for weight in layer.get_weights())
    ours = apply_rule(rule, tf.constant(x), kernel, bias, tf.constant(relevance), domain, form).numpy()
    theirs = propagated(torch, in_torch(torch, layer), peer(zennit), x, relevance)
    assert_same(ours, theirs)


# ---- networks


def dense_network():
    return [keras.Input((20,)), *(layers.Dense(units, "relu") for units in (40, 40)), layers.Dense(4)]


def convolutional_network():
    return [
        keras.Input((6, 5, 3)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.Conv2D(7, (3, 2), (2, 1), activation="relu"),
        layers.Flatten(),
        layers.Dense(4),
    ]


NETWORKS = pytest.mark.parametrize("make", [dense_network, convolutional_network])


@NETWORKS
@pytest.mark.parametrize("case", [case for case in RULES if case != "z-beta"])
def test_a_rule_everywhere(torch, zennit, case, make):
    rule, peer = RULES[case]
    model, x, target = network(make)
    method = Composite(rule, inputs="real", signed=True)
    assert_same(relevance_of(model, x, target, method), propagated_logit(torch, model, x, target, peer(zennit)))


@NETWORKS
@pytest.mark.parametrize(
    ("method", "parameters", "first", "above"),
    [
        ("deep_taylor", {"low": LOW, "high": HIGH}, "z-beta", "z+"),
        ("lrp", {"alpha": 2.5, "low": LOW, "high": HIGH}, "z-beta", "alpha-beta"),
        ("lrp_epsilon", {"epsilon": 0.3}, "epsilon", "epsilon"),
        ("epsilon_plus_flat", {"epsilon": 0.3}, "flat", "epsilon"),
    ],
)
def test_named_composites(torch, zennit, method, parameters, first, above, make):
    model, x, target = network(make)
    ours = relevance_of(model, x, target, method, **parameters)
    theirs = propagated_logit(torch, model, x, target, RULES[above][1](zennit), RULES[first][1](zennit))
    assert_same(ours, theirs)


# ---- integrated gradients and occlusion


@NETWORKS
@pytest.mark.parametrize("baseline", [0.0, 0.7])
def test_integrated_gradients(torch, captum, make, baseline):
    model, x, target = network(make)
    ours = relevance_of(model, x, target, "integrated_gradients", baseline=baseline, points=9)
    peer = captum.IntegratedGradients(in_torch(torch, *model.layers))
    theirs = peer.attribute(to_torch(torch, x), baseline, torch.tensor(target), n_steps=9, method="riemann_middle")
    assert_same(ours, from_torch(theirs), FLOAT32)


@pytest.mark.parametrize(
    ("unit", "size", "window"),  # windows are [channels, rows, columns]; rows are steps
    [
        ("cells", 1, (1, 1, 1)),
        ("features", 1, (1, 6, 1)),
        ("steps", 1, (3, 1, 5)),
        ("steps", 4, (3, 4, 5)),  # at the end two rows
        ("blocks", 2, (2, 2, 2)),  # at the end one column, and one channel
    ],
)
def test_occlusion(torch, captum, unit, size, window):
    model, x, target = network(convolutional_network)
    ours = relevance_of(model, x, target, "occlusion", unit=unit, size=size, baseline=0.7)
    peer = captum.Occlusion(in_torch(torch, *model.layers))
    # Strides as long as the window: no overlap.
    theirs = peer.attribute(to_torch(torch, x), window, window, baselines=0.7, target=torch.tensor(target))
    assert_same(ours, from_torch(theirs), FLOAT32)


# ---- ours


def network(make):
    """A model with random weights and biases, signed inputs in the box, and each sample's predicted class.

    Its logits are lifted by a constant so that the predicted one is positive: ``deep_taylor`` and ``lrp`` start at
    max(0, logit), the peers at the logit.
    """
    rng = np.random.default_rng(3)
    model = keras.Sequential(make())
    randomise(model, rng)
    model.layers[-1].bias.assign_add(np.full(4, 3.0))
    x = rng.uniform(LOW, HIGH, (6, *model.input_shape[1:])).astype(np.float32)
    logits = np.asarray(model(x))
    assert logits.max(axis=1).min() > 0
    return model, x, logits.argmax(axis=1)


def randomise(model, rng):
    model.set_weights([rng.normal(0, 0.4, weight.shape) for weight in model.get_weights()])


def relevance_of(model, x, target, method, **parameters):
    return explain(model, x, target, method, dtype="float64", **parameters).relevance


# ---- theirs


def in_torch(torch, *keras_layers):
    """The same layers in torch, where images are [n, channels, rows, columns]."""
    modules = []
    for layer in keras_layers:
        modules.extend(_modules(torch, layer))
        if getattr(layer, "activation", None) is keras.activations.relu:
            modules.append(torch.nn.ReLU())
    return torch.nn.Sequential(*modules).double()


def _modules(torch, layer):
    if isinstance(layer, layers.Flatten):
        return [_channels_last(torch), torch.nn.Flatten()]
    kernel, bias = layer.get_weights()
    if isinstance(layer, layers.Dense):
        module, kernel = torch.nn.Linear(*kernel.shape), kernel.T
    else:
        *size, channels, filters = kernel.shape
        module = torch.nn.Conv2d(channels, filters, size, layer.strides, layer.padding)
        kernel = kernel.transpose(3, 2, 0, 1)
    module.load_state_dict({"weight": torch.tensor(kernel), "bias": torch.tensor(bias)})
    return [module]


def _channels_last(torch):
    """The order in which Keras flattens an image."""

    class ChannelsLast(torch.nn.Module):
        def forward(self, x):
            return x.permute(0, 2, 3, 1)

    return ChannelsLast()


def propagated(torch, module, rule, x, relevance, first=None):
    """zennit's relevance of ``x`` from that of the output, with the rule ``first``, if given, at the first layer."""
    from zennit.rules import Pass

    affine = [part for part in module if isinstance(part, (torch.nn.Linear, torch.nn.Conv2d))]
    hooks = dict.fromkeys(affine, rule) | {affine[0]: first or rule}
    hooks |= {part: Pass() for part in module if isinstance(part, torch.nn.ReLU)}
    for part, hook in hooks.items():
        hook.copy().register(part)  # a hook holds the input of its module: each needs its own
    x = to_torch(torch, x).requires_grad_()
    output = module(x)
    (received,) = torch.autograd.grad(output, x, to_torch(torch, relevance))
    return from_torch(received)


def propagated_logit(torch, model, x, target, rule, first=None):
    logits = model(x).numpy()
    module = in_torch(torch, *model.layers)
    with torch.no_grad():
        own = module(to_torch(torch, x)).numpy()
    np.testing.assert_allclose(own, logits, atol=1e-4)  # the same network, but for the rounding of float32
    return propagated(torch, module, rule, x, own * np.eye(own.shape[1])[target], first)


def to_torch(torch, array):
    array = torch.tensor(np.asarray(array, np.float64))
    return array.permute(0, 3, 1, 2).contiguous() if array.ndim == 4 else array


def from_torch(tensor):
    array = tensor.detach().numpy()
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def assert_same(ours, theirs, rounding=FLOAT64):
    """Up to ``rounding``, as a part of the largest relevance."""
    largest = np.abs(theirs).max()
    assert largest > 1e-3
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=rounding * largest)
