"""No published error is exceeded: a part of the points that docs/numerics.md's figures come from, measured again."""

import platform

import numpy as np
import pytest

from tests import accuracy

pytestmark = pytest.mark.needs_compiled("the published figures are those of compiled kernels")
PUBLISHED = accuracy.published()
POINTS = 40
"""Of each region: the first of those that the table is made of."""


def test_the_page_has_a_line_for_every_function():
    assert list(PUBLISHED) == list(accuracy.OPERATIONS)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the figures of the C library's functions are glibc's")
@pytest.mark.parametrize("dtype", accuracy.DTYPES)
@pytest.mark.parametrize("name", accuracy.OPERATIONS)
def test_the_published_error_is_not_exceeded(name, dtype):
    limit = PUBLISHED[name][2 * accuracy.DTYPES.index(dtype)]
    assert accuracy.measure(name, dtype, POINTS)[0] <= limit


def test_an_error_is_counted_in_units_of_the_true_value():
    true = np.array([1.0, -3.0, 1e300, 0.0])
    found = np.nextafter(true, np.inf)
    distance, overflows = accuracy.errors(found, true, np.zeros(4))
    assert overflows
    np.testing.assert_allclose(distance, 1)


def test_an_overflow_that_is_none_is_found():
    _, overflows = accuracy.errors(np.array([np.inf, 3e38], np.float32), np.array([1e39, 1e39]), np.zeros(2))
    assert not overflows
