"""The hardest pairs of the test set by name, for those who want to look them up."""

from collections.abc import Sequence
from pathlib import Path

from resemblance.atomic import write_csv
from resemblance.results import Result
from resemblance.tracking.paths import RunPaths

COLUMNS = ("kind", "first", "second", "score")
KINDS = {"false match": "hardest_false_matches", "false non-match": "hardest_false_non_matches"}


def write_hardest_pairs(
    directory: RunPaths, result: Result, image_ids: Sequence[str], protocol: str = "verification"
) -> Path | None:
    """Write ``hardest_pairs.csv``: ``kind`` (false match or false non-match), the two names and the score.

    Args:
        directory: of the run.
        result: of the test set.
        image_ids: the name of each row of the test set.
        protocol: before the keys ``…/hardest_false_matches`` and ``…/hardest_false_non_matches``.

    Returns:
        The file, or None where no protocol has looked for such pairs.

    Raises:
        OutputError: if the file can't be written.
    """
    rows = [
        (kind, image_ids[int(first)], image_ids[int(second)], score)
        for kind, name in KINDS.items()
        if (table := result.tables.get(f"{protocol}/{name}"))
        for first, second, score in table.rows
    ]
    if not rows:
        return None
    write_csv(directory.hardest_pairs, COLUMNS, rows)
    return directory.hardest_pairs
