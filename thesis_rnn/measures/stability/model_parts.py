"""The parts of a model that can be randomised one by one: layers, and the gates of recurrent ones."""

from typing import Any, NamedTuple

import keras

from thesis_rnn.layers.asking import parts_of_layer


class Part(NamedTuple):
    """A layer, or a gate of one: some columns (last axis) of some variables."""

    name: str
    places: list[tuple[Any, slice]]


def parts_of(model: keras.Model) -> list[Part]:
    """What the cascade randomises in turn: layers from the output down, gates of recurrent layers each on their own."""
    parts = []
    for layer in reversed(model.layers):
        if isinstance(layer, keras.Model):
            parts += parts_of(layer)
        else:
            own = parts_of_layer(layer)
            parts += [Part(f"{layer.name}/{name}" if name else layer.name, places) for name, places in own.items()]
    return parts
