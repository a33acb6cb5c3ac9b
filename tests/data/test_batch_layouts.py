"""The layouts of a mini-batch, against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lengthwise.data.batch_layouts import LAYOUTS, batch_major, dense, nchw, nhwc, time_major
from lengthwise.errors import UsageError

batches = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, max_side=7), elements=st.integers(0, 255))


def test_the_layouts_are_the_notebooks_in_its_order():
    assert [layout.axes for layout in LAYOUTS] == [
        "[batch, inputs]",
        "[batch, height, width, channel]",
        "[batch, channel, height, width]",
        "[batch, time, input]",
        "[time, batch, input]",
    ]
    assert [layout.apply for layout in LAYOUTS] == [dense, nhwc, nchw, batch_major, time_major]


def test_shapes_of_a_batch_of_mnist_are_the_notebooks():
    images = np.zeros((128, 28, 28), np.uint8)
    assert [layout.apply(images).shape for layout in LAYOUTS] == [
        (128, 784), (128, 28, 28, 1), (128, 1, 28, 28), (128, 28, 28), (28, 128, 28),
    ]  # fmt: skip


@given(batches)
def test_every_layout_holds_the_same_pixel_at_its_own_index(images):
    width = images.shape[2]
    for image, row, column in np.ndindex(*images.shape):
        pixel = images[image, row, column]
        assert dense(images)[image, row * width + column] == pixel
        assert nhwc(images)[image, row, column, 0] == pixel
        assert nchw(images)[image, 0, row, column] == pixel
        assert batch_major(images)[image, row, column] == pixel
        assert time_major(images)[row, image, column] == pixel


@given(batches)
def test_every_layout_can_be_inverted_by_its_axes(images):
    np.testing.assert_array_equal(dense(images).reshape(images.shape), images)
    np.testing.assert_array_equal(nhwc(images)[..., 0], images)
    np.testing.assert_array_equal(nchw(images)[:, 0], nhwc(images)[..., 0])
    np.testing.assert_array_equal(time_major(images).swapaxes(0, 1), batch_major(images))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_of_whole_images_is_a_view(layout):
    images = np.zeros((5, 4, 3), np.uint8)
    assert np.shares_memory(layout.apply(images), images)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_only_the_dense_layout_copies_images_that_are_not_contiguous(layout):
    images = np.arange(5 * 4 * 8).reshape(5, 4, 8)[:, :, 2:5]
    applied = layout.apply(images)
    assert np.shares_memory(applied, images) == (layout is not LAYOUTS[0])
    assert sorted(applied.ravel()) == sorted(images.ravel())


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("shape", [(4, 3), (2, 4, 3, 1)], ids=str)
def test_anything_but_a_batch_of_pictures_is_refused(layout, shape):
    with pytest.raises(UsageError, match="must have three axes: batch, height"):
        layout.apply(np.zeros(shape))
