"""From a plan to material: images embedded or a file read, and every list and table of the user's put beside it."""

import warnings
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from resemblance.errors import ResemblanceWarning
from resemblance.evaluating import from_file
from resemblance.evaluating.files.distractors import check_other_vectors
from resemblance.evaluating.files.metadata import aligned
from resemblance.evaluating.files.pairs import rows_of
from resemblance.evaluating.files.read import Files
from resemblance.evaluating.files.templates import as_templates
from resemblance.evaluating.from_network import Embedder, embedded
from resemblance.evaluating.images import Images
from resemblance.evaluating.material import Material, without_invalid
from resemblance.evaluating.plan import Plan
from resemblance.evaluating.settings import torch_device
from resemblance.models import FaceNetwork
from resemblance.similarity import CosineSimilarity
from resemblance.wording import agreeing, counted


def loaded(plan: Plan) -> Images | Material:
    """The images that a network has to embed, or all that is measured where it is a file's: what takes little time.

    Every mistake in a list is found here; embedding may take hours.

    Raises:
        DataError: when images, embeddings or a list can't be used.
    """
    images = None if plan.source is None else Images.of(plan.source)
    if plan.files.embeddings is not None:
        return prepared(_from_file(plan, images), plan.files)
    assert images is not None  # settings and checkpoint name a source
    test = images.test
    plan.files.check(test.image_ids, test.identities, test.identity_names, test.failures)
    return images


def gathered(plan: Plan, found: Images | Material, console: Console) -> tuple[Material, Material | None]:
    """What is measured, and the same of the untrained network where that is asked for.

    Args:
        plan: of the evaluation.
        found: as :func:`loaded` gives it.
        console: of the bars.

    Raises:
        DataError: when embeddings can't be used.
    """
    if isinstance(found, Material):
        return found, None
    assert plan.network is not None  # only a network has images to embed
    if plan.checkpoint is not None and (trained := plan.checkpoint.trained_on(found.test.identity_names)):
        warnings.warn(
            f"{trained:,} of the {found.test.num_identities:,} test identities have names of identities that this "
            f"network was trained on: if they are the same people, the figures say nothing of strangers; test others.",
            ResemblanceWarning,
            stacklevel=2,
        )
    material = prepared(_embedded(plan, plan.network, found, console), plan.files)
    if not plan.settings.baseline or plan.checkpoint is None:
        return material, None
    return material, prepared(_embedded(plan, plan.checkpoint.untrained(), found, console), plan.files)


def prepared(material: Material, files: Files) -> Material:
    """The material with what the user's files say of it.

    Args:
        material: as it came from the network or the file.
        files: that were read.

    Raises:
        DataError: for a file that is of another set, or people who are strangers by name only.
    """
    settings = files.settings
    files.check(material.image_ids, material.test.identities, material.identity_names, material.failures)
    if files.distractors is not None:
        check_other_vectors(files.distractors, Path(str(settings.distractors)), material.test.vectors)
    if files.members is not None:
        material = replace(material, validation=None, validation_ids=())  # single images choose none for templates
    material = without_invalid(
        material, settings.invalid, f"'{settings.embeddings}'" if settings.embeddings else "the network"
    )
    if material.failures:
        name, reason = next(iter(material.failures.items()))
        material = material.telling(
            f"{_failed(material, 'image')} (failure to acquire), the first being "
            f"'{name}': {reason}; failures.csv lists them."
        )
    if files.members is not None:
        material = as_templates(material, files.members, Path(str(settings.templates)))
        if material.failures:
            name, reason = next(iter(material.failures.items()))
            material = material.telling(
                f"{_failed(material, 'template')} (failure to acquire), the first being '{name}': {reason}."
            )
    if files.comparisons is not None:
        path = Path(str(settings.pairs))
        pairs, left_out = rows_of(files.comparisons, path, material.image_ids, material.failures)
        material = replace(material, pairs=pairs)
        if left_out:
            why = agreeing(left_out, "is left out: an image of it", "are left out: an image of theirs")
            material = material.telling(
                f"{left_out:,} of the {len(files.comparisons):,} comparisons of '{path}' {why} gives no embedding."
            )
    if files.table is not None:
        path = Path(str(settings.metadata))
        found = aligned(files.table, path, material.image_ids, material.failures)
        material = replace(material, metadata={**(material.metadata or {}), **found.columns})
        if found.without:
            material = material.telling(
                f"'{path}' says nothing of {counted(found.without, material.unit)} of the test set."
            )
        if found.unknown:
            material = material.telling(
                f"'{path}' describes {counted(len(found.unknown), 'image')} that the test set does not have, the first "
                f"being '{found.unknown[0]}'."
            )
    return material


def _from_file(plan: Plan, images: Images | None) -> Material:
    path, file = Path(str(plan.settings.embeddings)), plan.files.embeddings
    assert file is not None  # asked before
    if images is None:
        return from_file.by_itself(file, plan.similarity)
    return from_file.of_data_set(file, path, images, plan.similarity)


def _embedded(plan: Plan, network: FaceNetwork, images: Images, console: Console) -> Material:
    embed = Embedder(
        network,
        torch_device(plan.settings.device),
        batch_size=plan.settings.evaluation.batch_size,
        flip_average=plan.flip_average,
        console=console,
    )
    return embedded(embed, images, plan.similarity or CosineSimilarity())


def _failed(material: Material, what: str) -> str:
    """How many of them are lost."""
    lost = len(material.failures)
    total = counted(len(material.test) + lost, what)
    return f"{lost:,} of {total} {agreeing(lost, 'gives', 'give')} no embedding"
