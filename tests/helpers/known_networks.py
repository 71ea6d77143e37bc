"""Small versions of the sequence networks that people train, by name: from papers, keras.io and competitions."""

import keras
from keras import layers, ops

from tests.helpers.stock_models import OwnCell, randomised

SERIES = (6, 2)


def classifier(connect, shape=SERIES, classes=2):
    x = keras.Input(shape)
    return randomised(keras.Model(x, layers.Dense(classes, "softmax", name="classes")(connect(x))))


def temporal_convolutions(x):
    """A TCN: residual blocks of dilated causal convolutions (Bai et al., 2018)."""
    for dilation in (1, 2):
        hidden = layers.Conv1D(3, 2, padding="causal", dilation_rate=dilation, activation="relu")(x)
        hidden = layers.SpatialDropout1D(0.1)(hidden)
        x = layers.ReLU()(layers.Add()([hidden, layers.Conv1D(3, 1)(x)]))
    return x[:, -1]


def wavenet(x):
    """Gated dilated convolutions with skips (van den Oord et al., 2016)."""
    x, skips = layers.Conv1D(3, 1)(x), []
    for dilation in (1, 2):
        tanh = layers.Conv1D(3, 2, padding="causal", dilation_rate=dilation, activation="tanh")(x)
        gate = layers.Conv1D(3, 2, padding="causal", dilation_rate=dilation, activation="sigmoid")(x)
        skips.append(layers.Conv1D(3, 1)(layers.Multiply()([tanh, gate])))
        x = layers.Add()([x, skips[-1]])
    return layers.GlobalAveragePooling1D()(layers.ReLU()(layers.Add()(skips)))


def inception(x):
    """An InceptionTime block (Ismail Fawaz et al., 2020)."""
    bottleneck = layers.Conv1D(2, 1, padding="same", use_bias=False)(x)
    convolved = [layers.Conv1D(2, size, padding="same", use_bias=False)(bottleneck) for size in (2, 4)]
    pooled = layers.Conv1D(2, 1, padding="same")(layers.MaxPooling1D(3, 1, "same")(x))
    block = layers.Activation("relu")(layers.BatchNormalization()(layers.Concatenate()([*convolved, pooled])))
    shortcut = layers.BatchNormalization()(layers.Conv1D(6, 1, padding="same")(x))
    return layers.GlobalAveragePooling1D()(layers.Activation("relu")(layers.Add()([shortcut, block])))


def lstm_fcn(x):
    """An LSTM beside a fully convolutional network (Karim et al., 2018)."""
    recurrent = layers.Dropout(0.5)(layers.LSTM(2)(layers.Permute((2, 1))(x)))
    convolved = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv1D(3, 2, padding="same")(x)))
    return layers.Concatenate()([recurrent, layers.GlobalAveragePooling1D()(convolved)])


def series_transformer(x):
    """keras.io, time series classification with a Transformer."""
    hidden = layers.LayerNormalization(epsilon=1e-6)(x)
    attended = layers.Dropout(0.1)(layers.MultiHeadAttention(2, 2, dropout=0.1)(hidden, hidden)) + x
    hidden = layers.LayerNormalization(epsilon=1e-6)(attended)
    hidden = layers.Conv1D(2, 1)(layers.Conv1D(3, 1, activation="relu")(hidden)) + attended
    return layers.Dense(3, "relu")(layers.GlobalAveragePooling1D(data_format="channels_first")(hidden))


def attentive(x):
    """Additive attention over the states of a bidirectional LSTM, as competitions use it."""
    states = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(x)
    shares = layers.Softmax(axis=1)(layers.Dense(1, "tanh")(states))
    return ops.sum(shares * states, axis=1)


def excited(x):
    """Squeeze and excite (Hu et al., 2018)."""
    hidden = layers.Conv1D(3, 2, activation="relu")(x)
    gate = layers.Dense(3, "sigmoid")(layers.Dense(2, "relu")(layers.GlobalAveragePooling1D()(hidden)))
    return layers.GlobalMaxPooling1D()(layers.Multiply()([hidden, layers.Reshape((1, 3))(gate)]))


def mixer(x):
    """Dense layers over steps and over features in turns (Chen et al., 2023)."""
    steps = layers.Permute((2, 1))(layers.Dense(6, "gelu")(layers.Permute((2, 1))(layers.LayerNormalization()(x))))
    hidden = x + steps
    return layers.Flatten()(hidden + layers.Dense(2)(layers.Dense(3, "gelu")(layers.LayerNormalization()(hidden))))


def separable(x):
    """Depthwise separable convolutions with parametric rectifiers and group normalisation."""
    hidden = layers.PReLU(shared_axes=[1])(layers.GroupNormalization(2)(layers.SeparableConv1D(4, 2)(x)))
    return layers.GlobalAveragePooling1D()(layers.LeakyReLU(0.1)(layers.Conv1DTranspose(3, 2, 2)(hidden)))


def video():
    frames = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(2, 2, activation="relu"), layers.Flatten()])
    return classifier(lambda x: layers.GRU(2)(layers.TimeDistributed(frames)(x)), (3, 4, 4, 1))


def translator():
    """An encoder and a decoder that is given the words before (keras.io, sequence to sequence)."""
    source, target = keras.Input((3, 2), name="source"), keras.Input((3, 2), name="target")
    _, *state = layers.LSTM(2, return_state=True)(source)
    decoded = layers.LSTM(2, return_sequences=True)(target, initial_state=state)
    return randomised(keras.Model([source, target], layers.Dense(3, "softmax")(decoded)))


def fused():
    """A series and static features."""
    series, static = keras.Input(SERIES, name="series"), keras.Input((3,), name="static")
    joined = layers.Concatenate()([layers.GRU(2)(series), layers.Dense(2, "relu")(static)])
    return randomised(keras.Model({"series": series, "static": static}, layers.Dense(2, "softmax")(joined)))


NETWORKS = {
    "TCN": lambda: classifier(temporal_convolutions),
    "WaveNet": lambda: classifier(wavenet),
    "InceptionTime": lambda: classifier(inception),
    "LSTM-FCN": lambda: classifier(lstm_fcn),
    "series Transformer": lambda: classifier(series_transformer),
    "attention over an LSTM": lambda: classifier(attentive),
    "squeeze and excite": lambda: classifier(excited),
    "mixer": lambda: classifier(mixer),
    "separable convolutions": lambda: classifier(separable),
    "convolutional LSTM": lambda: classifier(lambda x: layers.Flatten()(layers.ConvLSTM1D(2, 2)(x)), shape=(3, 4, 1)),
    "own cell": lambda: classifier(lambda x: layers.RNN(OwnCell(2))(x)),
    "frames of a video": video,
    "encoder and decoder": translator,
    "series and features": fused,
}
