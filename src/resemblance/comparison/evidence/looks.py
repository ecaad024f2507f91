"""How each contestant looks wherever it is drawn: one colour for a loss, and a sign that needs no colour.

The eight hues are chosen so that any two stay apart for normal, protan, deutan and tritan sight, on white and on dark
grey; the tests compute it. On dark grey a colour is lighter than on white, and its hue much the same but for those of
crimson and indigo, which give way there so that all stay apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resemblance.comparison.study import Contestant, Study

HUES = (
    ("#0072B2", "#4FA3E0"),  # blue
    ("#B77610", "#E7B375"),  # ochre
    ("#BE296A", "#A56767"),  # crimson
    ("#5CA09C", "#95FBE7"),  # teal
    ("#3C1A82", "#4F6BEE"),  # indigo
    ("#516012", "#82972F"),  # olive
    ("#A278E4", "#C9C3F6"),  # lavender
    ("#6A0628", "#F275A0"),  # wine
)
"""Of lines and points, on a light and on a dark ground."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""By plotly's names: contestants of one colour differ by them."""
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "triangle-down",
    "star",
    "hexagon",
    "pentagon",
    "x",
    "bowtie",
    "hourglass",
)
"""By plotly's names: no two of twelve contestants have the same."""
_TOO_MANY_OF_ONE_LOSS = 4


@dataclass(frozen=True)
class Look:
    """Of one contestant.

    Attributes:
        name: of the contestant.
        light, dark: its colour on a light and on a dark ground.
        dash: of its lines.
        symbol: of its points.
    """

    name: str
    light: str
    dark: str
    dash: str
    symbol: str


def looks_of(study: Study) -> dict[str, Look]:
    """A look for each contestant of a study by its name, the same on all test sets and whoever leads.

    Contestants of one loss share a hue and differ by dash and symbol; where there is only one loss, or one of them has
    more than a few contestants, each contestant has a hue of its own.
    """
    contestants = _all(study)
    losses = sorted({one.loss for one in contestants})
    crowded = max((sum(one.loss == loss for one in contestants) for loss in losses), default=0)
    by_loss = len(losses) > 1 and crowded <= _TOO_MANY_OF_ONE_LOSS
    groups = losses if by_loss else [one.name for one in contestants]
    worn = dict.fromkeys(range(len(HUES)), 0)
    looks = {}
    for place, one in enumerate(contestants):
        hue = groups.index(one.loss if by_loss else one.name) % len(HUES)
        light, dark = HUES[hue]
        looks[one.name] = Look(one.name, light, dark, DASHES[worn[hue] % len(DASHES)], SYMBOLS[place % len(SYMBOLS)])
        worn[hue] += 1
    return looks


def _all(study: Study) -> Sequence[Contestant]:
    """Each once, by loss and then by name: an order that no result changes."""
    found = {one.name: one for test_set in study.test_sets for one in test_set.contestants}
    return sorted(found.values(), key=lambda one: (one.loss, one.name))
