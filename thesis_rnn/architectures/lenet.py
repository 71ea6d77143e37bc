"""LeNet-5, the thesis' feed-forward example (figure 2.14)."""

import keras

from thesis_rnn.architectures.plan import Plan
from thesis_rnn.errors import InputError
from thesis_rnn.layers import Convolution, Dense, SumPooling, make_dropout

SMALLEST_IMAGE = 21  # below it, three poolings and two unpadded convolutions leave nothing


def connect_lenet(inputs, plan: Plan):
    """Three convolutions with sum pooling over the whole image, which the steps are joined to, and the logits.

    At 28x28 pixels, the last convolution's neurons see all of the image.

    Raises:
      InputError: for an image that the poolings leave nothing of.
    """
    _, steps, rows, columns = inputs.shape
    if min(rows, steps * columns) < SMALLEST_IMAGE:
        raise InputError(
            f"lenet needs images of at least {SMALLEST_IMAGE}x{SMALLEST_IMAGE}; received {rows}x{steps * columns}"
        )
    image = keras.layers.Permute((2, 1, 3), name="rows_first")(inputs)
    features = keras.layers.Reshape((rows, steps * columns, 1), name="pixels")(image)
    for name, size, padding in (("conv1", 5, "same"), ("conv2", 5, "valid"), ("conv3", 4, "valid")):
        domain = "bounded" if name == "conv1" else "positive"
        features = Convolution(plan.sizes[name], size, padding, domain=domain, seed=plan.seed(), name=name)(features)
        features = SumPooling(name=name.replace("conv", "pool"))(features)
    features = keras.layers.Flatten(name="flat")(features)
    features = make_dropout(plan.dropout, stationary=False, seed=plan.seed(), name="flat_dropout")(features)
    return Dense(plan.classes, rectified=False, seed=plan.seed(), name="logits")(features)
