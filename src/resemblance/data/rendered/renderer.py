"""From factors to pictures: the order in which a face is put together.

All parts work on whole pixel planes of a chunk of images at once, with one sample a pixel and edges antialiased from
signed distances; see ``docs/rendered_faces.md``.
"""

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from resemblance.data.rendered import accessories, camera, face, hair, scene, shading
from resemblance.data.rendered.head import make_view, meet_head
from resemblance.data.rendered.identity import IdentityFactors
from resemblance.data.rendered.nuisance import NuisanceFactors
from resemblance.data.rendered.planes import cover, paint, rgb

RENDERER_VERSION = 1
"""Raised whenever the same factors give other pixels, so that old caches are not used."""

CHUNK = 32
"""Images drawn at once: enough to keep the processor busy, few enough to stay in its cache."""


def skin_colour(person: IdentityFactors) -> Tensor:
    """Dark brown to pale, [B, 3, 1, 1]."""
    tone, warm = person.skin_tone, person.skin_warmth
    return rgb(
        0.42 + 0.50 * tone + 0.03 * warm,
        0.27 + 0.48 * tone - 0.06 * tone * tone,
        0.19 + 0.45 * tone - 0.05 * warm,
    )


def render(
    people: IdentityFactors, images: NuisanceFactors, size: int, *, chunk: int = CHUNK, device: str = "cpu"
) -> Tensor:
    """Draw faces.

    Args:
        people: one row an image (repeat a person's row for each of the images).
        images: the circumstances of each image, as many rows.
        size: height and width in pixels.
        chunk: images drawn at once; it changes the speed, not the result.
        device: where to draw.

    Returns:
        uint8 [N, 3, size, size], RGB, on the CPU.
    """
    keep_freed_memory()
    out = torch.empty(len(images), 3, size, size, dtype=torch.uint8)
    place = torch.device(device)

    def draw_chunk(start: int) -> None:
        rows = slice(start, start + chunk)
        with torch.inference_mode():
            out[rows] = draw(people.rows(rows).per_pixel(place), images.rows(rows).per_pixel(place), size).cpu()

    # One chunk a thread, instead of all threads on one operation: an operation takes microseconds, and waiting for
    # each other at the end of every one is slow, above all where other programs use the processor too.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(draw_chunk, range(0, len(images), chunk)))
    finally:
        torch.set_num_threads(threads)
    return out


def keep_freed_memory() -> None:
    """Let glibc's allocator reuse the renderer's planes.

    Freeing one block just below 32 MiB raises its dynamic thresholds for handing memory back to the system; without
    it every plane is paged in anew and drawing takes half as long again. Elsewhere it does nothing.
    """
    torch.empty(31 * 2**20, dtype=torch.uint8)


def draw(person: IdentityFactors, image: NuisanceFactors, size: int) -> Tensor:
    """One chunk: columns [B, 1, 1] in, uint8 [B, 3, S, S] out."""
    view = make_view(image, size)
    surface = meet_head(person, image, view, size)
    skin = skin_colour(person)
    locks = hair.hair_colour(person, image)
    shell = hair.hair_shell(surface, person, image, view)
    canvas = scene.background(image, size)

    hair.paint_hair(canvas, shell.outline, shell.strands * 0.6, locks, view)
    accessories.paint_body(canvas, surface, person, image, view, skin)
    ears = hair.find_ears(surface, person, view)
    hair.paint_ears(canvas, ears, skin, in_front=False)

    head = cover(surface.outside, view.sharpness)
    paint(canvas, skin, head)
    nose = face.nose_frame(surface, person, view)
    face.paint_marks(canvas, surface, person, view)
    hair.paint_beard(canvas, surface, person, view, locks, head)
    face.paint_nose(canvas, nose, person, view)
    face.paint_mouth(canvas, surface, person, image, view, skin)
    face.paint_eyes(canvas, surface, person, image, view)
    face.paint_brows(canvas, surface, person, image, view, locks)
    hair.paint_ears(canvas, ears, skin, in_front=True)

    diffuse, highlight = shading.shade(surface, nose, person, image)
    lit = torch.lerp(torch.ones_like(diffuse), diffuse, head)
    canvas.mul_(lit.unsqueeze(1)).add_((highlight * head).unsqueeze(1))

    hair.paint_hair(canvas, shell.front, shell.strands * diffuse.clamp_min(0.35), locks, view)
    accessories.paint_glasses(canvas, surface, person, image, view)
    accessories.paint_hat(canvas, surface, person, image, view)
    return camera.develop(canvas, image)
