"""An explanation in a notebook: a few lines of HTML that need nothing else, no figure library among it."""

import base64
import html
import struct
import zlib

import numpy as np

from thesis_rnn.attribution.cells import cell_name, class_name, summary, top_cells
from thesis_rnn.attribution.inputs.axes import Axes
from thesis_rnn.attribution.inputs.structure import leaves_of

SHOWN = 4
"""Samples."""
LONGEST = 400
"""Tokens of a text; steps and features of a picture are not limited."""
RED, BLUE = np.array([178, 24, 43]), np.array([33, 102, 172])
STYLE = "font-family:system-ui,sans-serif;font-size:13px"


def inline_html(explanation) -> str:
    """The summary, and for the first samples tokens on their colour, or steps to the right and features downwards.

    Red speaks for what is explained, blue against it; each sample has a scale of its own.
    """
    text = html.escape(summary(explanation))
    parts = [] if explanation.explained.ndim > 1 else [_sample(explanation, k) for k in range(_shown(explanation))]
    return f'<div style="{STYLE}"><pre>{text}</pre>{"".join(parts)}</div>'


def _shown(explanation) -> int:
    return min(SHOWN, len(explanation.target))


def _sample(explanation, sample: int) -> str:
    leaves = leaves_of(explanation.relevance)
    axes = explanation.axes or (Axes(),) * len(leaves)
    name = explanation.sample_names[sample] if explanation.sample_names else sample
    title = f"sample {name}, {class_name(explanation, explanation.target[sample])} ({explanation.value[sample]:.3g})"
    rows = top_cells(explanation, 3, [sample])[0]
    pictures = [_picture(np.asarray(leaf[sample]), names, sample) for leaf, names in zip(leaves, axes, strict=True)]
    strongest = "; ".join(f"{cell_name(row)}: {row['relevance']:.3g}" for row in rows)
    return f"<p><b>{html.escape(title)}</b><br>{''.join(pictures)}<br><small>{html.escape(strongest)}</small></p>"


def _picture(relevance: np.ndarray, names: Axes, sample: int) -> str:
    title = f"{html.escape(names.input)}: " if names.input else ""
    if names.tokens and relevance.ndim == 1:
        return title + _tokens(relevance[:LONGEST], names, sample)
    if relevance.ndim > 3:
        relevance = relevance.sum(axis=-1)
    if relevance.ndim == 3:  # images, whose steps stand side by side
        relevance = relevance.transpose(1, 0, 2).reshape(relevance.shape[1], -1)
    elif relevance.ndim == 2:
        relevance = relevance.T
    data = base64.b64encode(_png(_colours(np.atleast_2d(relevance)))).decode()
    rows = np.atleast_2d(relevance).shape[0]
    style = f"image-rendering:pixelated;width:480px;height:{min(max(12 * rows, 16), 240)}px;border:1px solid #ccc"
    return f'{title}<img alt="relevance" style="{style}" src="data:image/png;base64,{data}">'


def _tokens(relevance: np.ndarray, names: Axes, sample: int) -> str:
    colours = _colours(relevance[None])[0]
    return " ".join(
        f'<span style="background:rgb({",".join(map(str, colour))})" title="{value:.3g}">'
        f"{html.escape(str(names.step(sample, step)))}</span>"
        for step, (value, colour) in enumerate(zip(relevance, colours, strict=True))
    )


def _colours(relevance: np.ndarray) -> np.ndarray:
    """From blue, -max|R|, over white, 0, to red, max|R|: [rows, columns, 3]."""
    share = (relevance / (np.abs(relevance).max(initial=0.0) or 1.0))[..., None]
    end = np.where(share > 0, RED, BLUE)
    return np.round(255 + np.abs(share) * (end - 255)).astype(np.uint8)


def _png(pixels: np.ndarray) -> bytes:
    """An image [rows, columns, 3] as a PNG file (RFC 2083)."""
    rows, columns, _ = pixels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)  # no filter
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
