"""Images and torchmetrics classes for their tests; ``python -m tests.metrics.metric_cases FOLDER RANK PORT`` is one
process of two."""

import sys
from pathlib import Path

import torch
from torchmetrics import MetricCollection

from resemblance.metrics import IdentificationRate, OneShotAccuracy, OpenSetIdentification, VerificationROC
from resemblance.process_group import group, join
from resemblance.processes import end_with_parent
from resemblance.similarity import NegativeL1

WORLD_SIZE = 2


def images():
    """60 embeddings of 15 identities in mixed order, with ties."""
    generator = torch.Generator().manual_seed(0)
    identities = (torch.arange(60) % 15)[torch.randperm(60, generator=generator)]
    centres = torch.randn(15, 6, generator=generator)
    vectors = (centres[identities] + torch.randn(60, 6, generator=generator)).mul(2).round()
    return vectors, identities


def metrics():
    """Each class, and settings of it."""
    return {
        "verification": VerificationROC(fars=(0.1, 0.01)),
        "verification_l1": VerificationROC(fars=(0.1,), similarity=NegativeL1(normalized=False)),
        "identification": IdentificationRate(ranks=(1, 3), enrolled=2, fusion="mean"),
        "open_set": OpenSetIdentification(fpirs=(0.1, 0.3), rank=2),
        "one_shot": OneShotAccuracy(ways=4, shots=2, episodes=50),
    }


def shares(rank):
    """Batches of this process: unequally many images, some of them on both processes or twice on one."""
    mine = [[0, 1, 2, 3, 4], [5, 6, 7, 2]] if rank == 0 else [[*range(8, 40)], [3, 9], [*range(40, 60)]]
    return [torch.tensor(rows) for rows in mine]


def main():
    folder, rank, port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    end_with_parent()
    vectors, identities = images()
    results = {}
    with group(join(rank, port), rank, WORLD_SIZE, torch.device("cpu")):
        together = MetricCollection(metrics())
        for rows in shares(rank):
            together.update(vectors[rows], identities[rows], rows)
        results["collection"] = together.compute()
        for name, metric in metrics().items():
            for rows in shares(rank):
                metric.update(vectors[rows], identities[rows], rows)
            results[name] = metric.compute()
            kept = sum(map(len, shares(rank)))
            assert sum(map(len, metric.vectors)) == kept, "what other processes hold is not kept"
        alone = VerificationROC(fars=(0.1,))  # all images on the second process
        if rank == 1:
            alone.update(vectors, identities, torch.arange(60))
        results["one process holds all"] = alone.compute()
        unnumbered = VerificationROC(fars=(0.1,))
        half = slice(0, 25) if rank == 0 else slice(25, 60)
        unnumbered.update(vectors[half], identities[half])
        results["without indices"] = unnumbered.compute()
    torch.save(results, folder / f"rank_{rank}.pt")


if __name__ == "__main__":
    main()
