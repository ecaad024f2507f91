"""Which images make a template, from a CSV file, and a test set of images turned into one of templates."""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.evaluating.files.names import SetNames
from resemblance.evaluating.files.table import FileTable, read_table
from resemblance.evaluating.material import Material
from resemblance.metrics.templates import aggregate_templates
from resemblance.wording import agreeing, counted

COLUMNS = ("image", "template")
NO_IMAGE = "none of its images gives an embedding"
NO_QUALITY = "all of its images have the quality 0"
NEITHER = "each of its images gives no embedding or has the quality 0"


@dataclass(frozen=True)
class Membership:
    """One line of the file: an image, its template, the medium it comes from, and the weight it has in it."""

    image: str
    template: str
    medium: str
    quality: float
    line: int


class Templates(NamedTuple):
    """How the lines of a file make templates of a set's rows.

    Attributes:
        rows: of each line; None where its image gave no embedding.
        used: lines that belong to a template with an embedding, each with its row.
        label: the number of each such template, in the order of the file.
        identities: int64, the set's label of each such template.
    """

    rows: list[int | None]
    used: list[tuple[Membership, int]]
    label: dict[str, int]
    identities: Tensor


def read_templates(path: Path) -> list[Membership]:
    """The lines of a file with the columns ``image``, ``template`` and perhaps ``medium`` and ``quality``.

    Without ``medium`` every image is a medium of its own, without ``quality`` all weigh 1.

    Raises:
        DataError: naming file and line of what can't be read.
    """
    table = read_table(path, "templates", COLUMNS)
    return [_membership(path, table, number) for number in range(len(table.rows))]


def _membership(path: Path, table: FileTable, number: int) -> Membership:
    row, line = table.rows[number], table.lines[number]
    try:
        quality = float(row.get("quality", "1"))
    except ValueError:
        quality = -1
    if not row["image"] or not row["template"] or not 0 <= quality < float("inf"):
        raise DataError(
            f"Line {line} of '{path}' should be an image, a template, and a quality of 0 or more, but reads "
            f"'{','.join(row.values())[:80]}'."
        )
    return Membership(row["image"], row["template"], row.get("medium") or f"line {line}", quality, line)


def as_templates(material: Material, members: list[Membership], path: Path) -> Material:
    """A test set whose rows are templates, in the order of the file.

    Images without an embedding are left out of their templates, and counted; a template with none left is a failure to
    acquire. Thresholds would be those of single images, so validation embeddings are dropped.

    Args:
        material: of single images.
        members: what belongs together.
        path: where that is written, for messages.

    Raises:
        DataError: for images that the set does not have, one that is twice in a template, or a template of two
            identities.
    """
    found = made_of(
        members, path, material.image_ids, material.test.identities, material.identity_names, material.failures
    )
    media = {key: number for number, key in enumerate(dict.fromkeys((m.template, m.medium) for m, _ in found.used))}
    try:
        vectors = aggregate_templates(
            material.test.vectors[torch.tensor([row for _, row in found.used])],
            torch.tensor([found.label[member.template] for member, _ in found.used]),
            torch.tensor([media[member.template, member.medium] for member, _ in found.used]),
            torch.tensor([member.quality for member, _ in found.used], dtype=torch.float64),
        )
    except ValueError as error:
        raise DataError(f"The templates of '{path}' can't be made: {error}") from error
    return replace(
        material,
        test=Embeddings(vectors, found.identities),
        image_ids=list(found.label),
        validation=None,
        images=None,
        pairs=None,
        episodes=None,
        metadata=None,
        failures=_lost(members, found.rows, found.label),
        failures_within=material.failures,
        told=(*material.told, *_told(material, members, found.rows, found.used, path)),
        unit="template",
    )


def made_of(
    members: Sequence[Membership],
    path: Path,
    image_ids: Collection[str],
    identities: Tensor,
    identity_names: Sequence[str],
    failures: Collection[str],
) -> Templates:
    """Which rows of a set make which template, known before anything is embedded.

    Args:
        members: lines of the file.
        path: of the file, for messages.
        image_ids: names of the set's N rows.
        identities: int64 [N], their labels.
        identity_names: of each label.
        failures: images that gave no embedding.

    Raises:
        DataError: for images that the set does not have, one that is twice in a template, or a template of two
            identities; if there is no template.
    """
    rows = _rows(members, path, image_ids, failures)
    there = [(member, row) for member, row in zip(members, rows, strict=True) if row is not None]
    label = {name: n for n, name in enumerate(dict.fromkeys(m.template for m, _ in there if m.quality > 0))}
    if not label:
        raise DataError(f"No image of '{path}' gives an embedding with a quality above 0.")
    used = [(member, row) for member, row in there if member.template in label]  # a weight of 0 is one of its medium's
    shown: dict[str, int] = {}
    for member, row in used:
        identity = int(identities[row])
        if (known := shown.setdefault(member.template, identity)) != identity:
            raise DataError(
                f"The template '{member.template}' of '{path}' holds images of '{identity_names[known]}' and "
                f"of '{identity_names[identity]}' (line {member.line}); a template is of one identity."
            )
    return Templates(rows, used, label, torch.tensor([shown[name] for name in label]))


def _rows(
    members: Sequence[Membership], path: Path, image_ids: Collection[str], failures: Collection[str]
) -> list[int | None]:
    """The row of each line's image, or None if it gave no embedding."""
    names = SetNames(image_ids, failures)
    rows, unknown = [], []
    seen: set[tuple[int | None, str, str]] = set()
    for member in members:
        try:
            row = names.row(member.image)
        except KeyError:
            unknown.append(member)
            continue
        rows.append(row)
        key = (row, member.image if row is None else "", member.template)
        if key in seen:
            raise DataError(
                f"Line {member.line} of '{path}' puts the image '{member.image}' into the template "
                f"'{member.template}' a second time."
            )
        seen.add(key)
    if unknown:
        number = len({member.image for member in unknown})
        raise DataError(
            f"'{path}' names {number:,} image{'s' if number > 1 else ''} that the test set does not have, the first "
            f"being '{unknown[0].image}' in line {unknown[0].line}; the set's names look like "
            f"'{next(iter(image_ids))}'."
        )
    return rows


def _lost(members: Sequence[Membership], rows: Sequence[int | None], kept: Container[str]) -> dict[str, str]:
    """The templates that have no embedding, each with the reason."""
    reasons: dict[str, set[str]] = {}
    for member, row in zip(members, rows, strict=True):
        if member.template not in kept:
            reasons.setdefault(member.template, set()).add(NO_IMAGE if row is None else NO_QUALITY)
    return {name: found.pop() if len(found) == 1 else NEITHER for name, found in reasons.items()}


def _told(
    material: Material,
    members: Sequence[Membership],
    rows: Sequence[int | None],
    used: Sequence[tuple[Membership, int]],
    path: Path,
) -> list[str]:
    """What became of the images, in sentences."""
    templates = len({member.template for member, _ in used})
    shown = counted(len({row for _, row in used}), "image")
    verb = agreeing(templates, "is", "are")
    told = [f"{counted(templates, 'template')} of {shown} {verb} compared, not single images."]
    if missing := sum(row is None for row in rows):
        told.append(
            f"{counted(missing, 'line')} of '{path}' {agreeing(missing, 'is', 'are')} left out of "
            f"{agreeing(missing, 'its template: its image gives', 'their templates: their images give')} no embedding."
        )
    if weightless := sum(member.quality == 0 for member in members):
        add = agreeing(weightless, "adds nothing to its template: it has", "add nothing to their templates: they have")
        told.append(f"{counted(weightless, 'line')} of '{path}' {add} the quality 0.")
    if unused := len(material.test) - len({row for row in rows if row is not None}):
        told.append(
            f"{counted(unused, 'image')} {agreeing(unused, 'belongs', 'belong')} to no template of '{path}' and "
            f"{agreeing(unused, 'is', 'are')} not compared."
        )
    return told
