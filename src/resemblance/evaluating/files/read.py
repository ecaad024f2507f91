"""The user's files, read once and compared with the set that they are about before anything is embedded."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from resemblance.evaluating.files.distractors import check_strangers, read_distractors, who_they_are
from resemblance.evaluating.files.embeddings import NamedEmbeddings, read_named_embeddings
from resemblance.evaluating.files.metadata import aligned, read_metadata
from resemblance.evaluating.files.pairs import NamedComparison, read_comparisons, rows_of
from resemblance.evaluating.files.table import FileTable
from resemblance.evaluating.files.templates import Membership, made_of, read_templates
from resemblance.evaluating.settings import Settings
from resemblance.protocols.pair_list import check_pairs
from resemblance.tracking.run_record import sha256


@dataclass(frozen=True)
class Files:
    """What is in the files that the settings name; None for each that they do not."""

    settings: Settings
    embeddings: NamedEmbeddings | None
    comparisons: list[NamedComparison] | None
    members: list[Membership] | None
    table: FileTable | None
    distractors: NamedEmbeddings | None

    @classmethod
    def read(cls, settings: Settings) -> "Files":
        """Read all of them.

        Raises:
            DataError: for one that is malformed.
        """
        pattern = settings.identity_pattern
        return cls(
            settings,
            comparisons=read_comparisons(Path(settings.pairs)) if settings.pairs else None,
            members=read_templates(Path(settings.templates)) if settings.templates else None,
            table=read_metadata(Path(settings.metadata)) if settings.metadata else None,
            distractors=read_distractors(Path(settings.distractors), pattern) if settings.distractors else None,
            embeddings=read_named_embeddings(Path(settings.embeddings), pattern) if settings.embeddings else None,
        )

    def hashes(self) -> dict[str, str]:
        """By what it is known who is compared with whom beside the set's own images, by setting: SHA-256.

        Of pairs and templates the file's bytes; of distractors their names and who is one person, for each network
        embeds them otherwise.
        """
        paths = {"pairs": self.settings.pairs, "templates": self.settings.templates}
        found = {name: sha256(Path(path)) for name, path in paths.items() if path}
        if self.distractors is not None:
            people = who_they_are(self.distractors).encode("utf-8", "surrogatepass")
            found["distractors"] = hashlib.sha256(people).hexdigest()
        return found

    def check(
        self,
        image_ids: Collection[str],
        identities: Tensor,
        identity_names: Sequence[str],
        failures: Collection[str],
    ) -> None:
        """Refuse what does not belong to a set, by names and labels alone.

        Args:
            image_ids: of the set's N images.
            identities: int64 [N], their labels.
            identity_names: of its people, by label.
            failures: its images that can't be read.

        Raises:
            DataError: as the readers of the files.
        """
        settings = self.settings
        if self.distractors is not None:
            check_strangers(self.distractors, Path(str(settings.distractors)), [*image_ids, *failures], identity_names)
        if self.members is not None:
            path = Path(str(settings.templates))
            found = made_of(self.members, path, image_ids, identities, identity_names, failures)
            image_ids, identities = found.label, found.identities
            failures = {member.template for member in self.members} - found.label.keys()
        if self.comparisons is not None:
            check_pairs(rows_of(self.comparisons, Path(str(settings.pairs)), image_ids, failures)[0], identities)
        if self.table is not None:
            aligned(self.table, Path(str(settings.metadata)), list(image_ids), failures)
