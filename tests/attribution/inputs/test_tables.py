"""What is no single array."""

import re
from types import SimpleNamespace

import pytest

from thesis_rnn.attribution.inputs.tables import table_of
from thesis_rnn.errors import InputError


def test_a_dataset_of_variables_is_no_array():
    message = "x must be one array; join the variables by to_array(); received a Dataset of heat, rain"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        table_of(SimpleNamespace(data_vars={"heat": 0, "rain": 0}), 3)
