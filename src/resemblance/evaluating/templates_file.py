"""Which images make a template, from a CSV file, and a test set of images turned into one of templates."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from resemblance.embeddings import Embeddings
from resemblance.errors import DataError
from resemblance.evaluating.material import Material
from resemblance.evaluating.names import NameIndex
from resemblance.evaluating.table_file import FileTable, read_table
from resemblance.metrics.templates import aggregate_templates

COLUMNS = ("image", "template")
NO_IMAGE = "none of its images gives an embedding"


@dataclass(frozen=True)
class Membership:
    """One line of the file: an image, its template, the medium it comes from, and the weight it has in it."""

    image: str
    template: str
    medium: str
    quality: float
    line: int


def read_templates(path: Path) -> list[Membership]:
    """The lines of a file with the columns ``image``, ``template`` and perhaps ``medium`` and ``quality``.

    Without ``medium`` every image is a medium of its own, without ``quality`` all weigh 1.

    Raises:
        DataError: naming file and line of what can't be read.
    """
    table = read_table(path, "templates", COLUMNS)
    members = [_membership(path, table, number) for number in range(len(table.rows))]
    seen: set[tuple[str, str]] = set()
    for member in members:
        if (member.image, member.template) in seen:
            raise DataError(
                f"Line {member.line} of '{path}' puts the image '{member.image}' into the template "
                f"'{member.template}' a second time."
            )
        seen.add((member.image, member.template))
    return members


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
        DataError: for images that the set does not have, or a template of two identities.
    """
    index, failed = NameIndex(material.image_ids), NameIndex(material.failures)
    rows = [index.get(member.image) for member in members]
    unknown = [m for m, row in zip(members, rows, strict=True) if row is None and m.image not in failed]
    if unknown:
        raise DataError(
            f"'{path}' names {len({m.image for m in unknown}):,} images that the test set does not have, the first "
            f"being '{unknown[0].image}' in line {unknown[0].line}; the set's names look like "
            f"'{material.image_ids[0]}'."
        )
    used = [(member, row) for member, row in zip(members, rows, strict=True) if row is not None]
    names = list(dict.fromkeys(member.template for member, row in used if member.quality > 0))
    label = {name: number for number, name in enumerate(names)}
    used = [(member, row) for member, row in used if member.template in label]
    media = {key: number for number, key in enumerate(dict.fromkeys((m.template, m.medium) for m, _ in used))}
    if not used:
        raise DataError(f"No image of '{path}' gives an embedding with a quality above 0.")
    places = torch.tensor([row for _, row in used])
    templates = torch.tensor([label[member.template] for member, _ in used])
    identities = _identities(material, used, label, path)
    try:
        vectors = aggregate_templates(
            material.test.vectors[places],
            templates,
            torch.tensor([media[member.template, member.medium] for member, _ in used]),
            torch.tensor([member.quality for member, _ in used], dtype=torch.float64),
        )
    except ValueError as error:
        raise DataError(f"The templates of '{path}' can't be made: {error}") from error
    lost = [name for name in dict.fromkeys(member.template for member in members) if name not in label]
    told = [f"{len(names):,} templates of {len(places):,} images are compared, not single images."]
    if missing := sum(row is None for row in rows):
        told.append(f"{missing:,} lines of '{path}' are left out of their templates: their images give no embedding.")
    if unused := len(material.test) - len(places.unique()):
        told.append(f"{unused:,} images belong to no template of '{path}' and are not compared.")
    return replace(
        material,
        test=Embeddings(vectors, identities),
        image_ids=names,
        validation=None,
        images=None,
        pairs=None,
        episodes=None,
        metadata=None,
        failures=dict.fromkeys(lost, NO_IMAGE),
        told=(*material.told, *told),
        unit="template",
    )


def _identities(
    material: Material, used: list[tuple[Membership, int]], label: dict[str, int], path: Path
) -> torch.Tensor:
    identities = torch.full((len(label),), -1)
    for member, row in used:
        identity = int(material.test.identities[row])
        known = int(identities[label[member.template]])
        if known not in (-1, identity):
            raise DataError(
                f"The template '{member.template}' of '{path}' holds images of '{material.identity_names[known]}' and "
                f"of '{material.identity_names[identity]}' (line {member.line}); a template is of one identity."
            )
        identities[label[member.template]] = identity
    return identities
