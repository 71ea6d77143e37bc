"""Stock Keras models with random weights: one for every covered layer."""

import keras
import numpy as np
from keras import layers, ops


def randomised(model, seed=0):
    rng = np.random.default_rng(seed)
    values = [rng.normal(0, 0.6, variable.shape) for variable in model.weights]
    model.set_weights([abs(v) + 0.2 if "variance" in w.path else v for v, w in zip(values, model.weights, strict=True)])
    return model


def chain(*parts, shape=(4, 3), units=2, activation=None):
    """The layers ``parts`` on an input of ``shape``, flattened, with a dense head."""
    return randomised(
        keras.Sequential([keras.Input(shape), *parts, layers.Flatten(), layers.Dense(units, activation, name="head")])
    )


def graph(connect, shape=(4, 3)):
    x = keras.Input(shape)
    return randomised(keras.Model(x, layers.Dense(2)(layers.Flatten()(connect(x)))))


def dense(units=3, activation=None, **arguments):
    return layers.Dense(units, activation, **arguments)


def adapted(layer, shape=(4, 3)):
    layer.adapt(np.random.default_rng(0).normal(2, 3, (50, *shape)).astype(np.float32))
    return layer


def behind(layer, shape=(4, 3)):
    """A model whose first layer keeps what it was adapted to."""
    above = chain(dense(activation="relu"), shape=shape)
    return keras.Sequential([keras.Input(shape), layer, above])


def augmenting():
    """Layers that change images while a model is trained, and never after."""
    return [
        *(layers.RandomFlip(), layers.RandomErasing(), layers.RandomGaussianBlur(), layers.RandomGrayscale()),
        *(
            layers.RandomInvert(),
            layers.RandomPerspective(),
            layers.RandomElasticTransform(),
            layers.RandomRotation(0.1),
        ),
        *(
            layers.RandomTranslation(0.2, 0.2),
            layers.RandomZoom(0.2),
            layers.RandomShear(0.2),
            layers.RandomContrast(0.2),
        ),
        *(
            layers.RandomBrightness(0.2),
            layers.RandomHue(0.2),
            layers.RandomSaturation(0.2),
            layers.RandomSharpness(0.2),
        ),
        *(layers.RandomColorDegeneration(0.2), layers.RandomColorJitter((0, 1)), layers.RandomPosterization(4)),
        *(layers.MixUp(), layers.CutMix(), layers.AugMix(), layers.RandAugment()),
    ]


MATRIX = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
SQUARE = MATRIX @ MATRIX.T


@keras.saving.register_keras_serializable("tests")
class Own(keras.layers.Layer):
    """A layer of a user's own, of weights, operations and layers: tanh(x.e^W + b) through a residual block."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense, self.normalisation = layers.Dense(3, "relu"), layers.LayerNormalization()

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], shape[-1]), name="kernel")
        self.bias = self.add_weight(shape=(shape[-1],), name="bias")
        self.dense.build(shape)
        self.normalisation.build(shape)
        self.built = True

    def call(self, inputs):
        hidden = ops.tanh(ops.matmul(inputs, ops.exp(self.kernel)) + self.bias)
        return self.normalisation(self.dense(hidden) + inputs)


@keras.saving.register_keras_serializable("tests")
class OwnAttention(keras.layers.Layer):
    """softmax(q.k) v, as users write it."""

    def build(self, shape):
        self.query, self.key, self.value = (layers.Dense(3) for _ in range(3))
        for layer in (self.query, self.key, self.value):
            layer.build(shape)
        self.built = True

    def call(self, inputs):
        scores = ops.matmul(self.query(inputs), ops.transpose(self.key(inputs), (0, 2, 1)))
        return ops.matmul(ops.softmax(scores / 3**0.5), self.value(inputs))


@keras.saving.register_keras_serializable("tests")
class DenseOfMine(layers.Dense):
    """A subclass of a stock layer."""


@keras.saving.register_keras_serializable("tests")
class OwnCell(keras.layers.Layer):
    """A minimal gated unit with a cell state."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.state_size = [units, units]
        self.forget, self.candidate = layers.Dense(units, "sigmoid"), layers.Dense(units, "tanh")

    def build(self, shape):
        for layer in (self.forget, self.candidate):
            layer.build((None, shape[-1] + self.state_size[0]))
        self.built = True

    def call(self, inputs, states):
        hidden, cell = states
        seen = ops.concatenate([inputs, hidden], axis=-1)
        gate = self.forget(seen)
        cell = gate * cell + (1 - gate) * self.candidate(seen)
        hidden = ops.tanh(cell)
        return hidden, [hidden, cell]


def reshaped(x):
    parts = [
        ops.reshape(ops.swapaxes(x, 1, 2), (-1, 12)),
        ops.stack([x[:, 0], x[:, -1]], axis=1)[:, 0],
        ops.squeeze(ops.split(x, 3, axis=-1)[1], -1),
        ops.repeat(x, 2, axis=1)[:, 3],
        ops.flip(x, axis=1)[:, 0],
        ops.pad(x, ((0, 0), (1, 0), (0, 0)))[:, 2],
        ops.roll(x, 1, axis=1)[:, 0],
        ops.take(x, [2, 0], axis=1)[:, 0],
        ops.moveaxis(x, 2, 1)[:, 0],
    ]
    return ops.concatenate(parts, axis=-1)


def transformer(x):
    attended = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 2)(x, x))
    return layers.LayerNormalization()(attended + dense(3)(dense(4, "gelu")(attended)))


def wavenet(x):
    tanh, gate = (layers.Conv1D(3, 2, padding="causal", activation=name)(x) for name in ("tanh", "sigmoid"))
    return x + dense(3)(layers.Multiply()([tanh, gate]))


def excited(x):
    """Squeeze and excite: a gate of each channel, which Keras spreads over the steps."""
    return layers.Multiply()([x, dense(3, "sigmoid")(layers.GlobalAveragePooling1D()(x))])


def frames():
    convolved = [keras.Input((4, 3, 2)), layers.Conv2D(2, 2, activation="relu"), layers.Flatten()]
    return layers.TimeDistributed(keras.Sequential(convolved))


def arithmetic(x):
    return -(dense()(x) - x) / 2.0 + 3 * x - 1.0 + (1.0 - x) * dense()(x) + x * np.ones(3, np.float32)


def elementwise(x):
    total = ops.square(x) + x**2 + ops.abs(x) + ops.maximum(x, 0.0) + ops.maximum(x, dense()(x)) + ops.clip(x, -1, 1)
    return total + ops.where(x > 0, x, 0.1 * x)


IMAGE = (5, 4, 2)
COVERED = {
    "Dense": lambda: chain(dense(activation="relu")),
    "Conv1D": lambda: chain(layers.Conv1D(3, 2, 2, "same", activation="relu")),
    "Conv1D, causal": lambda: chain(layers.Conv1D(3, 2, padding="causal", dilation_rate=2)),
    "Conv2D": lambda: chain(layers.Conv2D(3, (3, 2), (1, 2), activation="relu"), shape=IMAGE),
    "Conv2D, same": lambda: chain(layers.Conv2D(3, 3, padding="same", dilation_rate=2), shape=IMAGE),
    "Conv1D, grouped": lambda: chain(layers.Conv1D(4, 2, groups=2, activation="relu"), shape=(4, 2)),
    "Conv3D": lambda: chain(layers.Conv3D(2, 2, activation="relu"), shape=(3, 3, 2, 2)),
    "DepthwiseConv1D": lambda: chain(layers.DepthwiseConv1D(2, depth_multiplier=2)),
    "DepthwiseConv2D": lambda: chain(layers.DepthwiseConv2D(2, 2, "same", activation="relu"), shape=IMAGE),
    "SeparableConv1D": lambda: chain(layers.SeparableConv1D(3, 2, dilation_rate=2, depth_multiplier=2)),
    "SeparableConv2D": lambda: chain(layers.SeparableConv2D(3, 2, activation="relu"), shape=IMAGE),
    "Conv1DTranspose": lambda: chain(layers.Conv1DTranspose(2, 3, 2, "same", activation="relu")),
    "Conv2DTranspose": lambda: chain(layers.Conv2DTranspose(2, 2, 2), shape=IMAGE),
    "Conv3DTranspose": lambda: chain(layers.Conv3DTranspose(2, 2), shape=(2, 2, 2, 2)),
    "EinsumDense": lambda: chain(layers.EinsumDense("btf,fhd->bthd", (4, 2, 2), bias_axes="hd", activation="relu")),
    "SimpleRNN": lambda: chain(layers.SimpleRNN(2, return_sequences=True)),
    "LSTM": lambda: chain(layers.LSTM(2), shape=(2, 3)),
    "GRU": lambda: chain(layers.GRU(2, go_backwards=True), shape=(2, 3)),
    "RNN": lambda: chain(layers.RNN([layers.SimpleRNNCell(2), layers.GRUCell(2)]), shape=(2, 3)),
    "Bidirectional": lambda: chain(layers.Bidirectional(layers.SimpleRNN(2, return_sequences=True), merge_mode="ave")),
    "RNN, own cell": lambda: chain(layers.RNN(OwnCell(3)), shape=(3, 3)),
    "Bidirectional, mul": lambda: chain(layers.Bidirectional(layers.LSTM(2), merge_mode="mul"), shape=(3, 3)),
    "Bidirectional, None": lambda: graph(
        lambda x: layers.Concatenate()(layers.Bidirectional(layers.SimpleRNN(2), merge_mode=None)(x)), shape=(2, 3)
    ),
    "ConvLSTM1D": lambda: chain(layers.ConvLSTM1D(2, 2, return_sequences=True, activation="relu"), shape=(2, 4, 2)),
    "ConvLSTM2D": lambda: chain(layers.ConvLSTM2D(2, 2, padding="same", strides=2), shape=(2, 4, 4, 2)),
    "ConvLSTM3D": lambda: chain(layers.ConvLSTM3D(2, 2, go_backwards=True), shape=(2, 3, 2, 2, 1)),
    "TimeDistributed": lambda: chain(layers.TimeDistributed(dense(2, "relu"))),
    "Masking": lambda: chain(layers.Masking(), layers.SimpleRNN(2)),
    "BatchNormalization": lambda: chain(layers.BatchNormalization(), dense(activation="relu")),
    "BatchNormalization, folded": lambda: chain(dense(), layers.BatchNormalization(), layers.ReLU()),
    "LayerNormalization": lambda: chain(layers.LayerNormalization(), dense(activation="relu")),
    "Normalization": lambda: behind(adapted(layers.Normalization())),
    "Rescaling": lambda: chain(layers.Rescaling(0.2, offset=-0.3), layers.Conv1D(3, 2, activation="relu")),
    "LayerNormalization, axes": lambda: chain(layers.LayerNormalization(axis=[1, 2]), dense()),
    "GroupNormalization": lambda: chain(dense(4), layers.GroupNormalization(2), dense()),
    "RMSNormalization": lambda: chain(layers.RMSNormalization(), dense()),
    "UnitNormalization": lambda: chain(layers.UnitNormalization(), dense()),
    "TimeDistributed, frames": lambda: chain(frames(), shape=(2, 4, 3, 2)),
    "Augmenting": lambda: chain(*augmenting(), layers.Conv2D(2, 2), shape=(4, 4, 3)),
    "Dropout": lambda: chain(dense(), layers.Dropout(0.5), layers.SpatialDropout1D(0.5)),
    "GaussianNoise": lambda: chain(layers.GaussianNoise(1.0), layers.GaussianDropout(0.5), layers.AlphaDropout(0.5)),
    "SpatialDropout2D": lambda: chain(layers.SpatialDropout2D(0.5), shape=IMAGE),
    "Identity": lambda: chain(layers.Identity(), layers.ActivityRegularization(0.1)),
    "Reshape": lambda: chain(layers.Reshape((6, 2)), layers.Permute((2, 1)), dense()),
    "Flatten": lambda: chain(layers.Flatten(), layers.RepeatVector(2)),
    "ZeroPadding1D": lambda: chain(layers.ZeroPadding1D(1), layers.UpSampling1D(2), layers.Cropping1D(1)),
    "ZeroPadding2D": lambda: chain(layers.ZeroPadding2D(1), layers.Cropping2D(((1, 0), (0, 1))), shape=IMAGE),
    "Activation": lambda: chain(dense(), layers.Activation("tanh")),
    "ReLU": lambda: chain(dense(), layers.ReLU()),
    "ReLU, leaky": lambda: chain(dense(), layers.ReLU(negative_slope=0.1)),
    "LeakyReLU": lambda: chain(dense(), layers.LeakyReLU(0.2)),
    "ELU": lambda: chain(dense(), layers.ELU()),
    "PReLU": lambda: chain(dense(), layers.PReLU(), dense(), layers.PReLU(shared_axes=[1])),
    "Activation, many": lambda: chain(*(dense(3, name) for name in ("gelu", "silu", "mish", "selu", "relu6"))),
    "MaxPooling3D": lambda: chain(
        layers.MaxPooling3D(2, padding="same"), layers.AveragePooling3D(1), shape=(3, 3, 2, 2)
    ),
    "GlobalMaxPooling3D": lambda: graph(
        lambda x: layers.Concatenate()([layers.GlobalMaxPooling3D()(x), layers.GlobalAveragePooling3D()(x)]),
        shape=(3, 2, 2, 2),
    ),
    "AdaptiveMaxPooling1D": lambda: graph(
        lambda x: layers.Concatenate()([layers.AdaptiveMaxPooling1D(2)(x), layers.AdaptiveAveragePooling1D(2)(x)])
    ),
    "UpSampling2D": lambda: chain(
        layers.UpSampling2D(2), layers.UpSampling2D(2, interpolation="bilinear"), shape=(2, 2, 2)
    ),
    "UpSampling3D": lambda: chain(
        layers.ZeroPadding3D(1), layers.UpSampling3D(2), layers.Cropping3D(2), shape=(2, 2, 1, 2)
    ),
    "AveragePooling1D": lambda: chain(layers.AveragePooling1D(2, 1, "same")),
    "AveragePooling2D": lambda: chain(layers.AveragePooling2D(2, padding="same"), shape=IMAGE),
    "MaxPooling1D": lambda: chain(layers.MaxPooling1D(2)),
    "MaxPooling2D": lambda: chain(layers.MaxPooling2D(2), shape=IMAGE),
    "GlobalMaxPooling1D": lambda: chain(layers.GlobalMaxPooling1D()),
    "GlobalMaxPooling2D": lambda: chain(layers.GlobalMaxPooling2D(), shape=IMAGE),
    "GlobalAveragePooling1D": lambda: chain(layers.Masking(), layers.GlobalAveragePooling1D()),
    "GlobalAveragePooling2D": lambda: chain(layers.GlobalAveragePooling2D(), shape=IMAGE),
    "Add": lambda: graph(lambda x: layers.Add()([dense()(x), dense(3, "relu")(x), x])),
    "Add, operation": lambda: graph(lambda x: dense()(x) + dense()(x) + 1.5),
    "Subtract": lambda: graph(lambda x: layers.Subtract()([dense()(x), x])),
    "Average": lambda: graph(lambda x: layers.Average()([dense()(x), x])),
    "Multiply": lambda: graph(lambda x: layers.Multiply()([dense(3, "sigmoid")(x), dense()(x)])),
    "Multiply, operation": lambda: graph(lambda x: 2 * (dense(3, "sigmoid")(x) * dense()(x))),
    "Multiply, signals": lambda: graph(lambda x: layers.Multiply()([dense()(x), x])),
    "Multiply, excited": lambda: graph(excited),
    "Multiply, wavenet": lambda: graph(wavenet),
    "Maximum": lambda: graph(lambda x: layers.Minimum()([layers.Maximum()([dense()(x), x]), dense()(x)])),
    "Dot": lambda: graph(lambda x: layers.Dot(axes=2, normalize=True)([dense()(x), x])),
    "Dot, of vectors": lambda: graph(
        lambda x: layers.Dot(axes=1, normalize=True)([dense(4)(layers.Flatten()(x)), dense(4)(layers.Flatten()(x))])
    ),
    "Dot, attention": lambda: graph(
        lambda x: layers.Dot(axes=(2, 1))([layers.Softmax()(layers.Dot(axes=2)([dense()(x), x])), x])
    ),
    "Softmax, of a signal": lambda: chain(dense(3, "softmax"), dense(3, "relu")),
    "Softmax": lambda: graph(lambda x: layers.Multiply()([layers.Softmax(axis=1)(dense(1)(x)), x])),
    "Multiply, of a rearranged gate": lambda: graph(
        lambda x: x * layers.Permute((2, 1))(layers.RepeatVector(3)(layers.Flatten()(dense(1, "sigmoid")(x))))
    ),
    "Softmax, activation": lambda: graph(lambda x: layers.Multiply()([dense(3, "softmax")(x), x])),
    "Concatenate": lambda: graph(lambda x: layers.Concatenate(axis=1)([x, dense()(x)])),
    "Attention": lambda: graph(lambda x: layers.Attention()([dense()(x), x])),
    "Attention, concat": lambda: graph(
        lambda x: layers.Attention(use_scale=True, score_mode="concat")([dense()(x), x, dense()(x)])
    ),
    "AdditiveAttention": lambda: graph(lambda x: layers.AdditiveAttention()([dense()(x), x])),
    "GroupQueryAttention": lambda: graph(lambda x: layers.GroupQueryAttention(2, 4, 2)(x, x, use_causal_mask=True)),
    "MultiHeadAttention": lambda: graph(lambda x: layers.MultiHeadAttention(2, 2)(x, x)),
    "GetItem": lambda: graph(lambda x: x[:, 1:]),
    "Relu": lambda: graph(lambda x: ops.tanh(ops.relu(dense()(x)))),
    "Mean": lambda: graph(lambda x: ops.concatenate([ops.mean(x, axis=1), ops.sum(x, axis=1)], axis=-1)),
    "Transpose": lambda: graph(lambda x: ops.expand_dims(ops.transpose(x, (0, 2, 1)), axis=1)),
    "operators": lambda: graph(arithmetic),
    "Matmul": lambda: graph(
        lambda x: ops.matmul(MATRIX @ MATRIX.T, ops.matmul(ops.transpose(x[:, 1:], (0, 2, 1)), x[:, 1:]))
    ),
    "Einsum": lambda: graph(
        lambda x: ops.einsum("btf,bsf->bts", dense()(x), ops.einsum("btf,gf->btg", x, MATRIX @ MATRIX.T))
    ),
    "Tensordot": lambda: graph(lambda x: ops.tensordot(x, MATRIX, axes=1)),
    "Max": lambda: graph(lambda x: ops.concatenate([ops.max(dense()(x), axis=1), ops.min(x, axis=1)], axis=-1)),
    "Reshape, operations": lambda: graph(reshaped),
    "Square": lambda: graph(elementwise),
    "Cumsum": lambda: graph(lambda x: ops.cumsum(x, axis=1)),
    "Lambda": lambda: graph(lambda x: layers.Lambda(lambda t: 2 * ops.tanh(t)[:, -1])(x)),
    "transformer": lambda: graph(transformer),
    "own": lambda: chain(Own(name="own")),
    "own attention": lambda: graph(OwnAttention()),
    "own subclass": lambda: chain(DenseOfMine(3, "relu")),
    "nested": lambda: chain(chain(dense(activation="relu"), units=3)),
}


def samples(model, n=3):
    return np.random.default_rng(1).normal(size=(n, *model.inputs[0].shape[1:])).astype(np.float32)
