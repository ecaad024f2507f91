"""Images of the user's own: a folder for each identity; and data sets that come in that form."""

from resemblance.data.folder.orl import ORL
from resemblance.data.folder.source import ImageFolder

__all__ = ["ORL", "ImageFolder"]
