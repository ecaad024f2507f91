"""What may fail without stopping the work: a service that can't be reached, a disk that is full."""

import warnings
from collections.abc import Callable

from resemblance.errors import ResemblanceWarning


class Tolerated:
    """Calls to a service that the work does not need: the first one that fails is told, and nothing is raised.

    Anything that is an :class:`Exception` counts as a failure, for a service, its process, a network and a disk fail
    in many ways; Ctrl-C still ends the work.

    Args:
        service: what is called, at the beginning of the warning.
        remedy: what is left and what to do, as the sentence's second half.

    Attributes:
        failed: whether a call has failed; each further one may have to wait for the same network.
    """

    def __init__(self, service: str, remedy: str) -> None:
        self._service = service
        self._remedy = remedy
        self.failed = False

    def __call__(self, call: Callable[[], object]) -> bool:
        """Whether it worked."""
        try:
            call()
        except Exception as error:
            self.tell(first_line(error))
            return False
        return True

    def tell(self, problem: str) -> None:
        """Warn of a failure, once in the life of the service."""
        if not self.failed:
            self.failed = True
            warnings.warn(f"{self._service} ({problem}); {self._remedy}", ResemblanceWarning, stacklevel=2)


def first_line(error: BaseException) -> str:
    """What an error says in its first line, or its name where it says nothing.

    Where a disk or a network is the cause of it, what that says: loggers give it other names.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__
    error = cause or error
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".:")
