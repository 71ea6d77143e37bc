"""The table of architectures: a name, and how it is built for images and for series.

To add one: write its ``connect`` function in a file of its own and add a row here.
"""

from functools import partial
from typing import Any

from keras.layers import GRU, LSTM, SimpleRNN

from thesis_rnn.architectures import series
from thesis_rnn.architectures.autoencoder import connect_autoencoder
from thesis_rnn.architectures.convolutional import connect_convdeep, connect_convrlstm
from thesis_rnn.architectures.dense import connect_deep, connect_shallow
from thesis_rnn.architectures.dual_attention import connect_dual_attention
from thesis_rnn.architectures.gated import connect_keras_cell, connect_rlstm
from thesis_rnn.architectures.gru_d import connect_gru_d
from thesis_rnn.architectures.imv_lstm import connect_imv_lstm
from thesis_rnn.architectures.lenet import connect_lenet
from thesis_rnn.architectures.retain import connect_retain
from thesis_rnn.architectures.row import UNMARKED, Architecture, Form, Mark
from thesis_rnn.architectures.transformer import connect_transformer
from thesis_rnn.errors import InputError
from thesis_rnn.layers import AdaptiveDecay, MinGRU
from thesis_rnn.support.registry import Registry

ARCHITECTURES: Registry[Architecture] = Registry("architecture")


def form_of(name: str, kind: str) -> Form:
    """The form of an architecture for "images" or "series".

    Raises:
      InputError: for an unknown architecture, or one that does not take such inputs.
    """
    form = getattr(ARCHITECTURES[name], kind)
    if form is None:
        others = ", ".join(other for other in ARCHITECTURES if getattr(ARCHITECTURES[other], kind))
        raise InputError(f"{kind} need an architecture that takes them, one of {others}; received {name!r}")
    return form


# ---- the thesis': a colour for each family; triangles down have stationary dropout, crosses literal connections

THESIS = "Chormai (2018)"
SHALLOW = {"hidden": 256, "recur": 256}
DEEP = {"in1": 256, "hidden": 128, "recur": 256, "out1": 32}
DEEP_V2 = DEEP | {"in1": 128, "in2": 256}
CONVOLUTIONS = {"conv1": 24, "conv2": 32, "in1": 128}
CONVDEEP = DEEP | CONVOLUTIONS
GATED = {"in1": 256, "cells": 72}
CONVGATED = CONVOLUTIONS | {"cells": 96}
LENET = {"conv1": 10, "conv2": 25, "conv3": 100}
# For series, whose published models have cells of 5 units; the layers around keep about the thesis' proportions.
SMALL_SHALLOW = {"hidden": 5, "recur": 5}
SMALL_DEEP = {"in1": 10, "hidden": 5, "recur": 10, "out1": 5}
SMALL_DEEP_V2 = SMALL_DEEP | {"in1": 5, "in2": 10}
BARE = {"units": 5}

connect_deep_sd = partial(connect_deep, stationary=True)
connect_deep_v2 = partial(connect_deep, input_layers=("in1", "in2"))
connect_rlstm_sd = partial(connect_rlstm, stationary=True)
connect_convrlstm_sd = partial(connect_convrlstm, stationary=True)
bare_rlstm, bare_rlstm_sd = (
    partial(series.connect_series, recur=series.rlstm_cell(stationary), read_out=series.negative_bias_dense)
    for stationary in (False, True)
)

ARCHITECTURES.add(
    "shallow",
    Architecture(
        "Shallow",
        Form(connect_shallow, SHALLOW, "hidden", Mark("black", "o")),
        Form(connect_shallow, SMALL_SHALLOW, "hidden"),
        184_330,
        THESIS,
    ),
)
ARCHITECTURES.add(
    "deep",
    Architecture(
        "Deep",
        Form(connect_deep, DEEP, "hidden", Mark("blue", "s")),
        Form(connect_deep, SMALL_DEEP, "hidden"),
        153_578,
        THESIS,
    ),
)
ARCHITECTURES.add(
    "deep_sd",
    Architecture(
        "Deep-SD",
        Form(connect_deep_sd, DEEP, "hidden", Mark("blue", "v")),
        Form(connect_deep_sd, SMALL_DEEP, "hidden"),
        153_578,
        THESIS,
    ),
)
ARCHITECTURES.add(
    "deep_v2",
    Architecture(
        "DeepV2",
        Form(connect_deep_v2, DEEP_V2, "hidden", Mark("sky_blue", "D")),
        Form(connect_deep_v2, SMALL_DEEP_V2, "hidden"),
        161_386,
        THESIS,
    ),
)
ARCHITECTURES.add(
    "convdeep",
    Architecture("ConvDeep", Form(connect_convdeep, CONVDEEP, "hidden", Mark("green", "^")), None, 151_802, THESIS),
)
ARCHITECTURES.add(
    "conv_plus_deep",
    Architecture(
        "Conv+Deep",
        Form(partial(connect_convdeep, literal=True), CONVDEEP, "hidden", Mark("green", "X")),
        None,
        175_418,
        THESIS,
    ),
)
ARCHITECTURES.add(
    "rlstm",
    Architecture(
        "R-LSTM",
        Form(connect_rlstm, GATED, "cells", Mark("vermillion", "s")),
        Form(bare_rlstm, BARE, mark=Mark("orange", "s")),
        145_701,
        THESIS,
    ),
)
ARCHITECTURES.add(
    "rlstm_sd",
    Architecture(
        "R-LSTM-SD",
        Form(connect_rlstm_sd, GATED, "cells", Mark("vermillion", "v")),
        Form(bare_rlstm_sd, BARE, mark=Mark("orange", "P")),
        145_701,
        THESIS,
    ),
)
ARCHITECTURES.add(
    "convrlstm",
    Architecture("ConvR-LSTM", Form(connect_convrlstm, CONVGATED, "cells", Mark("orange", "s")), source=THESIS),
)
ARCHITECTURES.add(
    "convrlstm_sd",
    Architecture(
        "ConvR-LSTM-SD", Form(connect_convrlstm_sd, CONVGATED, "cells", Mark("orange", "v")), None, 152_125, THESIS
    ),
)
ARCHITECTURES.add(
    "conv_plus_rlstm_sd",
    Architecture(
        "Conv+R-LSTM-SD",
        Form(partial(connect_convrlstm_sd, literal=True), CONVGATED, "cells", Mark("orange", "X")),
        None,
        175_741,
        THESIS,
    ),
)
ARCHITECTURES.add("lenet", Architecture("LeNet-5", Form(connect_lenet, LENET, "", Mark("grey", "*")), source=THESIS))

# ---- Keras' cells: alone on series as in Ismail et al. (2019), whose diamonds have input-cell attention; on images in
# the stack of R-LSTM, or, with attention or pooling, as on series with R-LSTM's number of units

BENCHMARK = "Ismail et al. (2019)"
ATTENTION = {"attention_units": 50, "attention_hops": 20}
SERIES_MARKS = {
    "lstm": Mark("blue", "o"),
    "bilstm": Mark("sky_blue", "s"),
    "lstm_self_attention": Mark("green", "^"),
    "lstm_ica": Mark("vermillion", "D"),
    "gru": Mark("purple", "v"),
    "gru_ica": Mark("purple", "D"),
    "rlstm_sd_ica": Mark("orange", "D"),
    "lstm_max": Mark("black", "v"),
    "lstm_max_ica": Mark("black", "D"),
    "lstm_mean": Mark("grey", "s"),
    "lstm_mean_ica": Mark("grey", "D"),
    "lstm_self_attention_ica": Mark("green", "D"),
}
COLORS = {"lstm": "purple", "gru": "grey", "simple_rnn": "black"}
READ_OUTS = {
    "": ("", series.dense),
    "_max": (", max pooling", series.max_pooled),
    "_mean": (", mean pooling", series.mean_pooled),
    "_self_attention": (", self-attention", series.self_attended),
}


def _stack(cell: str, kind: type, stationary: bool = False) -> Form:
    mark = Mark(COLORS[cell], "v" if stationary else "s")
    return Form(partial(connect_keras_cell, kind=kind, stationary=stationary), GATED, "cells", mark)


def _series_row(name: str, title: str, images: Form | None = None, masked: bool = True, **parts) -> Architecture:
    """A row of a model of series, which takes images as well: in the form ``images`` or, without one, as series."""
    connect, attended = partial(series.connect_series, **parts), parts.get("attended", False)
    sizes = BARE | (ATTENTION if attended or parts["read_out"] is series.self_attended else {})
    mark = SERIES_MARKS.get(name, UNMARKED)
    of_series = Form(connect, sizes, "units", mark, attended, masked)
    of_images = images or Form(connect, sizes | {"units": GATED["cells"]}, "units", mark, attended)
    return ARCHITECTURES.add(name, Architecture(title, of_images, of_series, source=BENCHMARK))


def _sd_row(cell: str, title: str, kind: type) -> None:
    """Stationary dropout in front of the cell."""
    parts: dict[str, Any] = {"recur": series.keras_cell(kind), "read_out": series.dense, "stationary": True}
    _series_row(f"{cell}_sd", f"{title}-SD", _stack(cell, kind, stationary=True), **parts)


def _rows_of_cell(cell: str, title: str, kind: type) -> None:
    """The cell in both directions, and in one with every read-out, without and with input-cell attention."""
    _series_row(f"bi{cell}", f"Bi-{title}", recur=series.keras_cell(kind, both_ways=True), read_out=series.dense)
    for suffix, (words, read_out) in READ_OUTS.items():
        parts: dict[str, Any] = {"recur": series.keras_cell(kind, every_step=bool(suffix)), "read_out": read_out}
        _series_row(f"{cell}{suffix}", f"{title}{words}", None if suffix else _stack(cell, kind), **parts)
        _series_row(f"{cell}{suffix}_ica", f"{title}{words}, input-cell attention", attended=True, **parts)


_rows_of_cell("lstm", "LSTM", LSTM)
_sd_row("lstm", "LSTM", LSTM)
_rows_of_cell("gru", "GRU", GRU)
_sd_row("gru", "GRU", GRU)
for _cell, _title, _kind in (("lstm", "LSTM", LSTM), ("gru", "GRU", GRU)):
    _series_row(
        f"{_cell}_sum",
        f"{_title}, sum pooling",
        recur=series.keras_cell(_kind, every_step=True),
        read_out=series.sum_pooled,
    )
_rows_of_cell("simple_rnn", "SimpleRNN", SimpleRNN)
_series_row(
    "rlstm_sd_ica",
    "R-LSTM-SD, input-cell attention",
    masked=False,
    recur=series.rlstm_cell(stationary=True),
    read_out=series.negative_bias_dense,
    attended=True,
)

# ---- models of series that explain themselves, and attention without recurrence

RETAIN = {"visit": 32, "units": 32}
TRANSFORMER = {"units": 32, "heads": 2, "feed_forward": 64, "blocks": 1}
ARCHITECTURES.add(
    "retain",
    Architecture(
        "RETAIN", Form(connect_retain, RETAIN), Form(connect_retain, RETAIN, masked=True), source="Choi et al. (2016)"
    ),
)
ARCHITECTURES.add(
    "transformer",
    Architecture(
        "Transformer",
        Form(connect_transformer, TRANSFORMER),
        Form(connect_transformer, TRANSFORMER, masked=True),
        source="Vaswani et al. (2017)",
    ),
)
for _name, _title, _shared in (("imv_lstm", "IMV-LSTM, Tensor", False), ("imv_lstm_full", "IMV-LSTM, Full", True)):
    ARCHITECTURES.add(
        _name,
        Architecture(
            _title,
            series=Form(partial(connect_imv_lstm, shared_gates=_shared), BARE, masked=True),
            source="Guo et al. (2019)",
        ),
    )
ARCHITECTURES.add(
    "gru_d", Architecture("GRU-D", series=Form(connect_gru_d, BARE, masked=True), source="Che et al. (2018)")
)
for _name, _title, _kind, _source in (
    ("decay_rnn", "Adaptive decay", AdaptiveDecay, "Lei et al. (2016)"),
    ("min_gru", "minGRU", MinGRU, "Feng et al. (2024)"),
):
    _connect = partial(series.connect_series, recur=series.loop_cell(_kind), read_out=series.dense)
    ARCHITECTURES.add(_name, Architecture(_title, series=Form(_connect, BARE, masked=True), source=_source))
ARCHITECTURES.add(
    "dual_attention",
    Architecture("Dual attention", series=Form(connect_dual_attention, BARE, masked=True), source="Qin et al. (2017)"),
)
ARCHITECTURES.add(
    "autoencoder",
    Architecture(
        "Sequence autoencoder",
        Form(connect_autoencoder, {"units": GATED["cells"]}),
        Form(connect_autoencoder, BARE, masked=True),
        source="Srivastava et al. (2015)",
    ),
)
