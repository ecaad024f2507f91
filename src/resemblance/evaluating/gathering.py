"""From a plan to material: images embedded or a file read, and every list and table of the user's put beside it."""

import warnings
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from resemblance.embeddings import Embeddings
from resemblance.errors import ResemblanceWarning
from resemblance.evaluating import from_file
from resemblance.evaluating.embeddings_file import read_named_embeddings
from resemblance.evaluating.from_network import Embedder, embedded
from resemblance.evaluating.material import Material, without_invalid
from resemblance.evaluating.metadata_file import aligned, read_metadata
from resemblance.evaluating.pairs_file import read_comparisons, rows_of
from resemblance.evaluating.plan import Plan
from resemblance.evaluating.settings import Settings, torch_device
from resemblance.evaluating.templates_file import as_templates, read_templates
from resemblance.models import FaceNetwork
from resemblance.similarity import CosineSimilarity


def gathered(plan: Plan, console: Console) -> tuple[Material, Material | None]:
    """What is measured, and the same of the untrained network where that is asked for.

    Raises:
        DataError: when images, embeddings or a list can't be used.
    """
    if plan.network is None:
        return prepared(_from_file(plan), plan.settings), None
    images = _embedded(plan, plan.network, console)
    people = len(images.identity_names)
    if plan.checkpoint is not None and (trained := plan.checkpoint.trained_on(images.identity_names)):
        warnings.warn(
            f"{trained:,} of the {people:,} test identities have names of identities that this network was trained "
            f"on: if they are the same people, the figures say nothing of strangers; test others.",
            ResemblanceWarning,
            stacklevel=2,
        )
    material = prepared(images, plan.settings)
    if not plan.settings.baseline or plan.checkpoint is None:
        return material, None
    return material, prepared(_embedded(plan, plan.checkpoint.untrained(), console), plan.settings)


def distractors(plan: Plan, material: Material) -> Embeddings | None:
    """People whom nobody looks for, where the user names a file of them."""
    path = plan.settings.distractors
    return None if path is None else from_file.read_distractors(Path(path), material.test.vectors.shape[1])


def prepared(material: Material, settings: Settings) -> Material:
    """The material with what the user's files say of it.

    Args:
        material: as it came from the network or the file.
        settings: which files there are.

    Raises:
        DataError: for a file that is malformed or of another set.
    """
    # Lists are read first: a mistake in one must not wait for the embeddings to be checked.
    comparisons = read_comparisons(Path(settings.pairs)) if settings.pairs else None
    members = read_templates(Path(settings.templates)) if settings.templates else None
    table = read_metadata(Path(settings.metadata)) if settings.metadata else None
    origin = f"'{settings.embeddings}'" if settings.embeddings else "the network"
    material = without_invalid(material, settings.invalid, origin)
    if material.failures:
        total = len(material.test) + len(material.failures)
        name, reason = next(iter(material.failures.items()))
        material = material.telling(
            f"{len(material.failures):,} of {total:,} images give no embedding (failure to acquire), the first being "
            f"'{name}': {reason}; failures.csv lists them."
        )
    if members is not None:
        material = as_templates(material, members, Path(str(settings.templates)))
        if material.failures:
            name, reason = next(iter(material.failures.items()))
            total = len(material.test) + len(material.failures)
            material = material.telling(
                f"{len(material.failures):,} of {total:,} templates give no embedding (failure to acquire), the first "
                f"being '{name}': {reason}."
            )
    if comparisons is not None:
        path = Path(str(settings.pairs))
        pairs, left_out = rows_of(comparisons, path, material.image_ids, material.failures)
        material = replace(material, pairs=pairs)
        if left_out:
            material = material.telling(
                f"{left_out:,} of the {len(comparisons):,} comparisons of '{path}' are left out: an image of theirs "
                f"gives no embedding."
            )
    if table is not None:
        path = Path(str(settings.metadata))
        found = aligned(table, path, material.image_ids, material.failures)
        material = replace(material, metadata={**(material.metadata or {}), **found.columns})
        if found.without:
            material = material.telling(f"'{path}' says nothing of {found.without:,} {material.unit}s of the test set.")
        if found.unknown:
            material = material.telling(
                f"'{path}' describes {len(found.unknown):,} images that the test set does not have, the first being "
                f"'{found.unknown[0]}'."
            )
    return material


def _from_file(plan: Plan) -> Material:
    path = Path(str(plan.settings.embeddings))
    file = read_named_embeddings(path, plan.settings.identity_pattern)
    if plan.source is None:
        return from_file.by_itself(file, plan.similarity)
    return from_file.of_data_set(file, path, plan.source, plan.similarity)


def _embedded(plan: Plan, network: FaceNetwork, console: Console) -> Material:
    assert plan.source is not None  # settings and checkpoint name one
    embed = Embedder(
        network,
        torch_device(plan.settings.device),
        batch_size=plan.settings.evaluation.batch_size,
        flip_average=plan.flip_average,
        console=console,
    )
    return embedded(embed, plan.source, plan.similarity or CosineSimilarity())
