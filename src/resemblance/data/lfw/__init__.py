"""Labeled Faces in the Wild: photographs of the user's own, in whatever layout they came."""

from resemblance.data.lfw.source import LFW

__all__ = ["LFW"]
