"""Sentences of claims as the page writes them: names in their signs, verdicts in bold, intervals unbroken."""

from resemblance.comparison.claims import Number, Sentence, Who, Word
from resemblance.comparison.page.markup import Markup, element, markup
from resemblance.comparison.page.signs import Signs


def sentence(told: Sentence, signs: Signs) -> Markup:
    """The same words as everywhere; the first name with its sign, so that a paragraph is found by it."""
    pieces: list[Markup] = []
    signed = False
    for piece in told:
        if isinstance(piece, Who):
            pieces.append(element("span", piece, class_="who") if signed else signs.named(piece))
            signed = True
        elif isinstance(piece, Word):
            pieces.append(element("strong", piece))
        else:
            pieces.append(element("span", piece, class_="number") if isinstance(piece, Number) else markup(piece))
    return markup(pieces)
