"""Where the embeddings of some identities lie, a panel for each contestant, drawn without a script."""

import numpy as np
from numpy.typing import NDArray

from resemblance.comparison.evidence.projection import EmbeddingMap, embedding_map
from resemblance.comparison.page.markup import Content, Markup, element, markup
from resemblance.comparison.page.mistakes import typical
from resemblance.comparison.page.report import Report, Section, absent
from resemblance.comparison.study import Contestant, TestSet
from resemblance.errors import DataError

SIZE, EDGE = 260, 16


def maps(report: Report) -> Section | None:
    """None where there is no test set."""
    if not report.study.test_sets:
        return None
    return Section("map", "Embedding map", report.each(lambda *of: _of_set(report, *of)))


def _of_set(report: Report, test_set: TestSet, number: str) -> Content:
    found: dict[str, EmbeddingMap | None] = {}
    reasons = []
    for one in test_set.contestants:
        try:
            found[one.name] = embedding_map(typical(one, test_set))
        except DataError as error:
            found[one.name] = None
            reasons.append(str(error))
    panels = [_panel(report, test_set, one, found[one.name]) for one in test_set.contestants]
    drawn = [one for one in found.values() if one is not None]
    if not drawn:
        why = f"No run on {test_set.name} has kept embeddings of three identities with two images or more."
        return absent(" ".join([*([why] if len(reasons) < len(found) else []), *reasons]))
    lacking = [name for name, one in found.items() if one is None]
    names = drawn[0].names
    caption = report.figure_caption(
        [
            f"Embeddings of {len(names)} test identities, chosen by their place in the list alone, on the two axes in "
            "which the means of the identities differ most (principal components of the means, each panel its own). "
            "A star is an identity: its number at the mean, a ray to each image. "
            "Two axes hide most of what a network knows: stars that overlap here may be apart in the others. ",
            f"Without a map: {', '.join(lacking)}. " if lacking else "",
            *(f"{sentence} " for sentence in reasons),
            element("span", "; ".join(f"{place}: {name}" for place, name in enumerate(names, 1)), class_="small"),
        ]
    )
    return element("figure", element("div", panels, class_="panels"), element("figcaption", caption), class_="chart")


def _panel(report: Report, test_set: TestSet, one: Contestant, found: EmbeddingMap | None) -> Markup | None:
    if found is None:
        return None
    run = typical(one, test_set)
    shown = f"{100 * found.explained:.0f} % of the variance between them"
    return element(
        "div",
        element("p", report.signs.named(one.name), class_="panel-title"),
        _drawing(report, one.name, found),
        element("p", f"seed {run.seed}; {shown}", class_="small"),
        class_="panel",
        data_panel=report.signs.who(one.name),
    )


def _drawing(report: Report, name: str, found: EmbeddingMap) -> Markup:
    low, high = found.points.min(axis=0), found.points.max(axis=0)
    middle = (low + high) / 2
    scale = SIZE - 2 * EDGE

    def at(point: NDArray[np.float64]) -> tuple[float, float]:
        x, y = (point - middle) * scale
        return SIZE / 2 + float(x), SIZE / 2 - float(y)

    stars = []
    for who, mean in enumerate(found.means):
        x, y = at(mean)
        ends = [at(point) for point in found.points[found.identities == who]]
        images = [found.image_ids[row] for row in (found.identities == who).nonzero()[0]]
        rays = "".join(f"M{x:.1f} {y:.1f}L{a:.1f} {b:.1f}" for a, b in ends)
        dots = [
            element("circle", element("title", image), cx=f"{a:.1f}", cy=f"{b:.1f}", r="2.4")
            for (a, b), image in zip(ends, images, strict=True)
        ]
        stars.append(element("g", element("path", d=rays), dots, class_="star"))
    labels = [
        element("text", who + 1, x=f"{at(mean)[0]:.1f}", y=f"{at(mean)[1] + 4:.1f}")
        for who, mean in enumerate(found.means)
    ]
    return element(
        "svg",
        markup(stars),
        element("g", labels, class_="numbers"),
        class_="map",
        viewBox=f"0 0 {SIZE} {SIZE}",
        style=f"color:var(--who-{report.signs.who(name)})",
        role="img",
        aria_label=f"Map of the embeddings of {len(found.names)} identities by {name}",
    )
