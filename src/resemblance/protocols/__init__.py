"""Protocols: embeddings and a similarity in, results out."""

from resemblance.protocols.base import Protocol
from resemblance.protocols.breakdown import Breakdown
from resemblance.protocols.calibration import Calibration
from resemblance.protocols.fixed_episodes import FixedEpisodes
from resemblance.protocols.hardest import HardestPairs
from resemblance.protocols.identification import Identification
from resemblance.protocols.one_shot import OneShot
from resemblance.protocols.open_set import OpenSet
from resemblance.protocols.pair_list import PairVerification
from resemblance.protocols.rates import rate_key, rate_label
from resemblance.protocols.retrieval import Retrieval
from resemblance.protocols.running import run_protocols
from resemblance.protocols.scores import all_pairs_scores, pair_scores, validation_threshold
from resemblance.protocols.verification import Verification

__all__ = [
    "Breakdown",
    "Calibration",
    "FixedEpisodes",
    "HardestPairs",
    "Identification",
    "OneShot",
    "OpenSet",
    "PairVerification",
    "Protocol",
    "Retrieval",
    "Verification",
    "all_pairs_scores",
    "pair_scores",
    "rate_key",
    "rate_label",
    "run_protocols",
    "validation_threshold",
]
