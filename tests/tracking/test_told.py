import warnings
from io import StringIO

import pytest
from rich.console import Console

from resemblance.errors import ResemblanceWarning
from resemblance.tracking.told import warnings_told


def test_a_sentence_for_the_user_is_printed_each_time_without_a_source_line():
    text = StringIO()
    with warnings_told(Console(file=text, width=80)):
        for _ in range(2):
            warnings.warn("the [scale] is too low.", ResemblanceWarning, stacklevel=1)
    assert text.getvalue() == "warning: the [scale] is too low.\n" * 2


def test_other_warnings_are_left_alone():
    text = StringIO()
    with pytest.warns(DeprecationWarning, match="old"), warnings_told(Console(file=text)):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert text.getvalue() == ""
