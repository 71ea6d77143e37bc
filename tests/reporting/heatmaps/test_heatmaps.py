"""The structure of heatmap figures: what stands where, in which colour, on which scale."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.images import draw_heatmap, draw_input, heatmap_figure
from thesis_rnn.reporting.saving import save_figure
from thesis_rnn.reporting.style import EVIDENCE, MISTAKE, RELEVANCE, WIDTH

WHITE = (1, 1, 1, 1)
ARGUMENTS = {"y": [7, 3], "predicted": [7, 1]}


def sequences(n=2, steps=12, rows=28, columns=7, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, size=(n, steps, rows, columns))


def single_axis():
    return Figure().add_subplot()


def drawn_colors(axis):
    image = axis.images[0]
    return image.cmap(image.norm(image.get_array()))


def is_framed(axis):
    return all(spine.get_edgecolor() == to_rgba(MISTAKE) for spine in axis.spines.values())


# ---- one heatmap


def test_colours_of_signs():
    axis = single_axis()
    draw_heatmap(axis, [[-2.0, 0.0, 1.0]])
    negative, zero, positive = drawn_colors(axis)[0]
    assert negative[2] > 2 * negative[0]  # blue
    assert tuple(zero) == WHITE
    assert positive[0] > 1.5 * positive[2]  # red
    np.testing.assert_array_equal(negative, RELEVANCE(0))  # the largest in amount has the deepest colour


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e7])
def test_scale_is_symmetric_and_the_heatmap_s_own(scale):
    axis = single_axis()
    draw_heatmap(axis, np.array([[0.5, -3.0], [1.0, 0.0]]) * scale)
    norm = axis.images[0].norm
    assert (norm.vmin, norm.vmax) == (-3 * scale, 3 * scale)


def test_zero_heatmap_is_white():
    axis = single_axis()
    draw_heatmap(axis, np.zeros((3, 4)))
    np.testing.assert_array_equal(drawn_colors(axis), np.broadcast_to(WHITE, (3, 4, 4)))


def test_input_is_dark_on_white_with_a_fixed_scale():
    axis = single_axis()
    draw_input(axis, [[-1.0, -0.5]])
    background, faint = drawn_colors(axis)[0]
    assert tuple(background) == WHITE
    assert 0.7 < faint[0] < 0.8  # a quarter of the ink, although nothing in the image is darker


# ---- the whole figure


def test_rows_are_input_and_methods_and_columns_are_samples():
    x = sequences()
    relevance = {"SA": sequences(seed=1), "LRP": sequences(seed=2), "DTD": sequences(seed=3)}
    axes = np.array(heatmap_figure(x, relevance, **ARGUMENTS).axes).reshape(4, 2)
    assert [axis.get_ylabel() for axis in axes[:, 0]] == ["input", "SA", "LRP", "DTD"]
    assert [axis.get_title() for axis in axes[0]] == ["7", "3 → 1"]
    for row, arrays in zip(axes, [x, *relevance.values()], strict=True):
        for axis, array in zip(row, arrays, strict=True):
            expected = np.concatenate(list(array), axis=1)  # the steps side by side
            np.testing.assert_array_equal(axis.images[0].get_array(), expected)


def test_only_mistakes_are_marked():
    figure = heatmap_figure(sequences(), {"SA": sequences()}, **ARGUMENTS)
    assert [is_framed(axis) for axis in figure.axes] == [False, True, False, False]
    assert [axis.title.get_color() == MISTAKE for axis in figure.axes[:2]] == [False, True]


def test_class_names_and_long_labels_get_two_lines():
    names = [f"class {label}" for label in "abcdefgh"]
    label = "deep Taylor decomposition"
    axes = heatmap_figure(sequences(), {label: sequences()}, **ARGUMENTS, class_names=names).axes
    assert [axis.get_title() for axis in axes[:2]] == ["class h", "class d\n→ class b"]
    assert axes[2].get_ylabel() == "deep Taylor\ndecomposition"


def test_bars_lie_under_the_evidence():
    evidence = [[1, 0, 1], [0, 1, 1]]
    figure = heatmap_figure(sequences(), {"SA": sequences()}, **ARGUMENTS, evidence=evidence)
    for axis, marks in zip(figure.axes, evidence, strict=False):
        assert all(line.get_color() == EVIDENCE for line in axis.lines)
        spans = [tuple(line.get_xdata()) for line in axis.lines]
        middles = [(low + high) / 2 for low, high in spans]
        # Blocks of 28 columns: column centres 0..27, 28..55, 56..83, with middles 13.5, 41.5, 69.5.
        np.testing.assert_allclose(middles, [13.5 + 28 * block for block in range(3) if marks[block]])
        assert all(20 < high - low < 28 for low, high in spans)
    assert not any(axis.lines for axis in figure.axes[2:])


@pytest.mark.parametrize(("n", "steps", "columns"), [(1, 4, 7), (8, 4, 7), (1, 12, 7), (4, 12, 7), (12, 12, 7)])
def test_images_keep_their_shape_inside_the_figure_and_apart(n, steps, columns):
    x = sequences(n, steps, columns=columns)
    labels = np.zeros(n, int)
    figure = heatmap_figure(x, {"SA": x, "GB": x}, labels, labels)
    width, height = figure.get_size_inches()
    assert width <= WIDTH + 1e-9
    boxes = [axis.get_position() for axis in figure.axes]
    for box in boxes:
        assert box.width * width / (box.height * height) == pytest.approx(steps * columns / 28)
        assert box.x0 > 0
        assert box.x1 < 1
        assert box.y0 > 0
        assert box.y1 < 1
    assert not any(boxes[i].overlaps(other) for i in range(len(boxes)) for other in boxes[i + 1 :])


def test_text_lies_inside_the_figure():
    names = ["Ankle boot"] * 10
    label = "sensitivity analysis"
    figure = heatmap_figure(sequences(), {label: sequences()}, **ARGUMENTS, class_names=names)
    figure.draw_without_rendering()
    for text in [axis.title for axis in figure.axes] + [axis.yaxis.label for axis in figure.axes]:
        if text.get_text():
            box = text.get_window_extent()
            assert 0 <= box.x0 < box.x1 <= figure.bbox.width
            assert 0 <= box.y0 < box.y1 <= figure.bbox.height


# ---- bad input


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"relevance": {}}, r"received 2 samples and 0 methods$"),
        ({"relevance": {"SA": sequences(3)}}, r"'SA' must have x's shape .* received \(3, 12, 28, 7\)$"),
        ({"y": [7]}, r"y must have one class per sample, shape \(2,\); received \(1,\)$"),
        ({"predicted": [[7, 1]]}, r"predicted must have .* received \(1, 2\)$"),
        ({"evidence": [[1, 1, 0]]}, r"evidence must have one row per sample, .* received \(1, 3\)$"),
        ({"class_names": ["zero", "one"]}, r"class 7 needs a name; received 2 names$"),
        ({"x": sequences(0), "relevance": {"SA": sequences(0)}}, r"received 0 samples"),
        ({"relevance": {"SA": np.full((2, 12, 28, 7), np.nan)}}, r"finite"),
    ],
)
def test_arrays_of_other_samples_are_refused(changes, message):
    arguments = {"x": sequences(), "relevance": {"SA": sequences()}} | ARGUMENTS | changes
    with pytest.raises(InputError, match=message):
        heatmap_figure(**arguments)


# ---- files


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_saved_bytes_are_of_the_kind_and_repeat(tmp_path, suffix, magic):
    contents = []
    for name in ("first", "second"):
        figure = heatmap_figure(sequences(), {"SA": sequences()}, **ARGUMENTS)
        save_figure(figure, tmp_path / "new folder" / (name + suffix))
        contents.append((tmp_path / "new folder" / (name + suffix)).read_bytes())
    assert contents[0].startswith(magic)
    assert contents[0] == contents[1]
    assert b"CreationDate" not in contents[0]  # the two may be of the same second
    assert b"Matplotlib" not in contents[0]


def test_unknown_suffix_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match=r"\.png or \.pdf; received .*figure\.tiff'$"):
        save_figure(Figure(), tmp_path / "figure.tiff")
    assert not list(tmp_path.iterdir())


def test_failed_drawing_keeps_the_previous_file(tmp_path):
    class Failing(Figure):
        def savefig(self, path, **kwargs):
            path.write_bytes(b"half")
            raise OSError("disk full")

    path = tmp_path / "figure.png"
    path.write_bytes(b"previous")
    with pytest.raises(OSError, match="disk full"):
        save_figure(Failing(), path)
    assert path.read_bytes() == b"previous"
    assert list(tmp_path.iterdir()) == [path]
