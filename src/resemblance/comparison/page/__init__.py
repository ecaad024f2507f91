"""``report.html``: a comparison as one page that needs nothing else, in a browser, on a phone and on paper."""

from resemblance.comparison.page.write import write_page

__all__ = ["write_page"]
