"""The numbers that the normal suite compares with are what Captum and Quantus still give."""

import numpy as np
import pytest

from tests.helpers.peer_case import frozen
from tests.peers.frozen_measures import measured

pytestmark = pytest.mark.peers


def test_nothing_has_changed():
    pytest.importorskip("captum")
    pytest.importorskip("quantus")
    found = measured()
    assert found.keys() == frozen().keys()
    for name, values in frozen().items():
        np.testing.assert_allclose(found[name], values, rtol=1e-6, err_msg=name)
