"""Rendered faces: people drawn from a seed by a signed-distance renderer, never passed off as photographs."""

from resemblance.data.rendered.dataset import rendered_faces
from resemblance.data.rendered.settings import RenderSettings
from resemblance.data.rendered.source import RenderedFaces

__all__ = ["RenderSettings", "RenderedFaces", "rendered_faces"]
