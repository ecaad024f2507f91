"""Warnings that are meant for the user, as sentences on the run's console."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from resemblance.errors import ResemblanceWarning


@contextmanager
def warnings_told(console: Console) -> Iterator[None]:
    """Print every :class:`~resemblance.errors.ResemblanceWarning` without the source line that Python would show.

    Other warnings are shown as they always are.
    """
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, ResemblanceWarning):
                console.print(f"warning: {message}", style="yellow", markup=False, highlight=False)
            else:
                usual(message, category, *where, **more)

        warnings.simplefilter("always", ResemblanceWarning)
        warnings.showwarning = show
        yield
