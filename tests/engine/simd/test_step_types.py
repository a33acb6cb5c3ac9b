"""How many groups a batch's chunks belong to."""

from lengthwise.engine.simd.host import VECTOR_SHAPE
from lengthwise.engine.simd.step_types import MAX_GROUPS, groups_of


def test_groups_have_the_shapes_least_chunks_once_there_are_two_of_these_and_are_never_too_many():
    least = VECTOR_SHAPE.group
    assert [groups_of(chunks) for chunks in range(1, 2 * least)] == list(range(1, 2 * least))
    assert [groups_of(chunks * least) for chunks in (2, 3, MAX_GROUPS)] == [2, 3, MAX_GROUPS]
    assert groups_of(1000 * least) == MAX_GROUPS
