"""The errors a user can mend: each is one sentence that says what is wrong, where, and what to do.

The command line prints the sentence and exits with code 1. Anything else that is raised is a defect of ours and
keeps its traceback.
"""

import errno

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
"""Of an ``OSError`` that is no defect, wherever it comes from."""


class ResemblanceError(Exception):
    """Base of every error that is addressed to the user."""


class ConfigurationError(ResemblanceError):
    """A choice that can't work, found before any data is touched."""


class DataError(ResemblanceError):
    """A data set, image or protocol list that is missing, damaged or too small for what is asked of it."""


class OutputError(ResemblanceError):
    """A place where results should go and can't."""


class TrainingError(ResemblanceError):
    """A training that can't go on, such as a loss that is no longer a number."""


class ResemblanceWarning(UserWarning):
    """What a user should know and nothing stops for, in one sentence or two that say what to do."""


def unwritable(error: OSError) -> OutputError:
    """A folder or file that can't be used, in one sentence."""
    if error.errno in (errno.EEXIST, errno.ENOTDIR) and error.filename:
        return OutputError(
            f"'{error.filename}' is a file, so there can be no folder; choose another one with output_dir=…, for a "
            f"multirun with hydra.sweep.dir=…."
        )
    where = f"'{error.filename}' can't be used" if error.filename else "A file could not be written"
    return OutputError(
        f"{where} ({error.strerror}); check its permissions and the space that is left, or choose another folder with "
        f"output_dir=…, for a multirun with hydra.sweep.dir=…."
    )
