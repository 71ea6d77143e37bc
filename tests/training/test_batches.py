"""Batches: reproducible, fresh each epoch, never an image beside itself, and images held once."""

import numpy as np
import pytest

from thesis_rnn.data import Pool, scale_pixels
from thesis_rnn.data.images.problems import ImagePool
from thesis_rnn.errors import InputError
from thesis_rnn.training.batches import Batches


def images(count, classes=3, seed=0, **options):
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.int32) % classes
    return ImagePool(rng.integers(0, 256, (count, 28, 28), np.uint8), labels, **options)


def batches(count=20, majority=True, steps=12, **options):
    return Batches(images(count, majority=majority, steps=steps), **options)


def given(drawn, first, last):
    """The batches (x, y) that ``fit`` is given."""
    return list(drawn.dataset(first, last).as_numpy_iterator())


def test_a_sequence_by_hand():
    # One image of 28 x 28 whose column c holds the value c, cut into 4 steps: step t shows columns 7t ... 7t + 6, and
    # a pixel p becomes p / 127.5 - 1.
    ramp = ImagePool(np.tile(np.arange(28, dtype=np.uint8), (1, 28, 1)), np.array([5], np.int32), steps=4)
    [(x, y)] = given(Batches(ramp, batch_size=1), 0, 1)
    assert x.shape == (1, 4, 28, 7)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[0, 2, 0], np.arange(14, 21) / 127.5 - 1, atol=1e-7)
    assert y.tolist() == [5]


def test_the_same_seed_and_epoch_draw_the_same_and_others_do_not():
    first = batches(seed=3)
    again = batches(seed=3)
    for epoch in (0, 1, 7):
        for one, other in zip(first.draw(epoch), again.draw(epoch), strict=True):
            np.testing.assert_array_equal(one, other)
    draws = [batches(seed=seed).draw(epoch)[0].tolist() for seed in (3, 4) for epoch in (0, 1, 2)]
    assert all(draws[i] != draws[j] for i in range(6) for j in range(i))


def test_the_draw_of_an_epoch_does_not_depend_on_the_epochs_before_it():
    # What a resumed training relies on: epochs 2 and 3 alone are the last two of epochs 0 to 3.
    whole = given(batches(batch_size=6), 0, 4)
    rest = given(batches(batch_size=6), 2, 4)
    for (x, y), (resumed_x, resumed_y) in zip(whole[8:], rest, strict=True):  # 4 batches an epoch
        np.testing.assert_array_equal(x, resumed_x)
        np.testing.assert_array_equal(y, resumed_y)


@pytest.mark.parametrize("seed", range(5))
def test_no_image_stands_beside_itself_and_two_of_three_share_the_label(seed):
    drawn = batches(
        count=9, sequences_per_epoch=500, seed=seed
    )  # 3 images of a class: a partner would often be the image itself
    indices, labels = drawn.draw(0)
    assert indices.shape == (500, 3)
    assert all(len(set(triple)) == 3 for triple in indices.tolist())
    assert np.all((drawn.pool.y[indices] == labels[:, None]).sum(axis=1) == 2)


def test_triples_are_new_in_each_epoch():
    # 200 originals, each with about 65 partners, 133 others and 6 orders: two epochs share next to no triple.
    drawn = batches(count=200)
    first, second = ({tuple(triple) for triple in drawn.draw(epoch)[0].tolist()} for epoch in (0, 1))
    assert len(first & second) < 3


@pytest.mark.parametrize("sequences_per_epoch", [0, 1, 7, 20, 50])
def test_an_epoch_goes_through_all_images_before_it_repeats_one(sequences_per_epoch):
    indices, labels = batches(majority=False, steps=4, sequences_per_epoch=sequences_per_epoch).draw(0)
    size = sequences_per_epoch or 20
    assert len(indices) == len(labels) == size
    counts = np.bincount(indices[:, 0], minlength=20)
    # 50 sequences of 20 images: ten images three times, ten twice; 7 of 20: seven once.
    assert counts.max() - counts.min() <= 1
    assert sorted(counts)[::-1] == [size // 20 + (place < size % 20) for place in range(20)]


def test_every_image_is_the_original_of_a_triple_once():
    # The label is the original's; 20 images of classes 0, 1, 2 in turn: 7, 7 and 6 of them.
    _, labels = batches().draw(0)
    assert np.bincount(labels).tolist() == [7, 7, 6]


def test_the_last_batch_takes_what_is_left():
    drawn = batches(batch_size=6)
    assert drawn.steps_per_epoch == 4
    assert [len(y) for _, y in given(drawn, 0, 2)] == [6, 6, 6, 2] * 2
    assert batches(batch_size=6, sequences_per_epoch=18).steps_per_epoch == 3
    assert batches(batch_size=50).steps_per_epoch == 1


@pytest.mark.parametrize(
    ("majority", "steps", "columns"), [(True, 12, 7), (True, 1, 84), (False, 4, 7), (False, 28, 1)]
)
def test_batches_hold_the_drawn_images_side_by_side(majority, steps, columns):
    drawn = batches(majority=majority, steps=steps, batch_size=8)
    indices, labels = drawn.draw(1)
    seen = 0
    for x, y in given(drawn, 1, 2):
        for sequence, label in zip(x, y, strict=True):
            wide = np.concatenate([drawn.pool.x[index] for index in indices[seen]], axis=1)  # slow and plain
            for step in range(steps):
                expected = scale_pixels(wide[:, step * columns : (step + 1) * columns])
                np.testing.assert_array_equal(sequence[step], expected)
            assert label == labels[seen]
            seen += 1
    assert seen == 20


def test_images_are_held_once_as_bytes():
    held = images(20, majority=True, steps=12)
    drawn = Batches(held)
    given(drawn, 0, 1)
    assert drawn.pool.x is held.x
    assert held.x.dtype == np.uint8
    assert held.x.nbytes == 20 * 28 * 28


@pytest.mark.parametrize(
    ("options", "received"), [({"batch_size": 0}, "0 and 0"), ({"sequences_per_epoch": -1}, "50 and -1")]
)
def test_sizes_that_are_none_are_refused(options, received):
    with pytest.raises(InputError, match=f"received {received}$"):
        batches(**options)


def test_epochs_of_no_samples_and_beyond_the_memory_are_refused():
    with pytest.raises(InputError, match=r"^training needs data of at least one sample; received none$"):
        series(n=0)
    with pytest.raises(InputError, match=r"^sequences_per_epoch must fit into the memory; received 10{13}: it would "):
        series(sequences_per_epoch=10**13)


# ---- series, as they are


def series(n=7, batch_size=3, sequences_per_epoch=0, seed=0):
    """Series whose numbers are their places."""
    pool = Pool(np.arange(n, dtype=np.float32)[:, None, None], np.arange(n, dtype=np.int32))
    return Batches(pool, batch_size, sequences_per_epoch, seed)


def places(own, first, last):
    return [y.tolist() for _, y in given(own, first, last)]


def test_an_epoch_is_whole_passes_and_a_part_of_one():
    # 5 batches of 3 are 15 series: two passes through all 7, and one more.
    drawn = np.concatenate(places(series(sequences_per_epoch=15), 0, 1))
    assert len(drawn) == 15
    assert sorted(drawn[:7]) == sorted(drawn[7:14]) == list(range(7))
    assert drawn[:7].tolist() != drawn[7:14].tolist()


def test_without_a_number_an_epoch_of_series_is_filled_up_to_whole_batches():
    drawn = places(series(), 0, 1)
    assert [len(batch) for batch in drawn] == [3, 3, 3]
    assert drawn == places(series(sequences_per_epoch=9), 0, 1)
    assert sorted(np.concatenate(drawn)[:7]) == list(range(7))


def test_the_order_of_series_is_that_of_numpys_permutations():
    # By hand: what runs of series were trained on before and after batches of images and series were one.
    rng = np.random.default_rng((3, 2))
    expected = np.concatenate([rng.permutation(7), rng.permutation(7)])[:9]
    assert np.concatenate(places(series(seed=3), 2, 3)).tolist() == expected.tolist()


def test_seed_and_epoch_decide_the_order():
    own = series(sequences_per_epoch=15)
    assert places(own, 2, 4) == places(own, 2, 3) + places(own, 3, 4)  # where it starts does not matter
    assert places(own, 2, 3) == places(series(sequences_per_epoch=15), 2, 3)
    assert places(own, 2, 3) != places(own, 3, 4)
    assert places(own, 2, 3) != places(series(sequences_per_epoch=15, seed=1), 2, 3)


def test_series_keep_their_classes():
    for x, y in given(series(sequences_per_epoch=15), 0, 2):
        np.testing.assert_array_equal(x[:, 0, 0], y)
        assert x.shape == (3, 1, 1)
