import warnings

import pytest

from resemblance.errors import ResemblanceWarning
from resemblance.tracking.tolerance import Tolerated, first_line


def fail(error: BaseException) -> None:
    raise error


def test_the_first_failure_is_told_and_no_other() -> None:
    tolerated = Tolerated("The service is gone", "the run goes on.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert tolerated(lambda: None)
        assert not tolerated.failed
        assert not tolerated(lambda: fail(OSError(28, "No space left on device")))
        assert not tolerated(lambda: fail(RuntimeError("again")))
        tolerated.tell("and again")
    (told,) = [warning for warning in caught if warning.category is ResemblanceWarning]
    assert str(told.message) == "The service is gone ([Errno 28] No space left on device); the run goes on."
    assert tolerated.failed


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_what_ends_a_program_ends_it(error: BaseException) -> None:
    with pytest.raises(type(error)):
        Tolerated("x", "y")(lambda: fail(error))


def test_an_error_is_told_in_one_line() -> None:
    assert first_line(ValueError("a: b.\nmore")) == "a: b"
    assert first_line(TimeoutError()) == "TimeoutError"
    wrapped = ValueError("you tried to log 0.9")
    wrapped.__cause__ = RuntimeError("between")
    wrapped.__cause__.__cause__ = OSError(28, "No space left on device")
    assert first_line(wrapped) == "[Errno 28] No space left on device"
