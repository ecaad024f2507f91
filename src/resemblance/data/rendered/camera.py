"""From the scene to bytes: colour cast, exposure, haze, blur, noise."""

import torch
from torch import Tensor

from resemblance.data.rendered.nuisance import NuisanceFactors
from resemblance.data.rendered.planes import rgb


def soften(canvas: Tensor, amount: Tensor) -> Tensor:
    """Three-tap blur (a, 1 − 2a, a) along both axes, 0 ≤ a ≤ 1/3, edges repeated; ``amount`` [B, 1, 1, 1]."""
    for axis in (2, 3):
        size = canvas.shape[axis]
        before = torch.cat([canvas.narrow(axis, 0, 1), canvas.narrow(axis, 0, size - 1)], axis)
        after = torch.cat([canvas.narrow(axis, 1, size - 1), canvas.narrow(axis, size - 1, 1)], axis)
        before.add_(after).sub_(canvas, alpha=2.0)
        canvas = canvas.addcmul_(before, amount)
    return canvas


def pixel_noise(grain: Tensor, size: int) -> Tensor:
    """Noise of mean 0 and variance 1, float32 [B, 3, S, S], a hash of (grain, pixel) and of nothing else.

    One 32-bit hash a pixel (two rounds of multiply and shift) gives three 10-bit numbers, so the density is uniform.
    """
    pixel = torch.arange(size * size, dtype=torch.int32, device=grain.device).view(1, size, size)
    state = pixel * 747796405 + (grain.to(torch.int32) * 277803737 + 1013904223)
    state ^= (state >> 16) & 0xFFFF
    state *= 0x45D9F3B
    state ^= (state >> 15) & 0x1FFFF
    state *= 0x2C1B3C6D
    state ^= (state >> 16) & 0xFFFF
    levels = torch.stack([state & 1023, (state >> 10) & 1023, (state >> 20) & 1023], dim=1)
    return levels.float().sub_(511.5).mul_(12.0**0.5 / 1024.0)


def develop(canvas: Tensor, image: NuisanceFactors) -> Tensor:
    """uint8 [B, 3, S, S]."""
    size = canvas.shape[-1]
    gain = torch.exp(rgb(image.cast_red, image.cast_green, image.cast_blue) + image.exposure.unsqueeze(1))
    haze = image.haze.clamp_min(0.0).unsqueeze(1)
    canvas = canvas.mul_(gain * (1.0 - haze)).add_(0.55 * haze)
    # Blur is a width in half images, so a larger picture is not a sharper one; at 64 pixels one pass is enough.
    amount = (image.blur.clamp_min(0.0) / 3.0).unsqueeze(1)
    for _ in range(max(1, round((size / 64) ** 2))):
        canvas = soften(canvas, amount)
    canvas = canvas.addcmul_(pixel_noise(image.grain, size), image.noise.unsqueeze(1))
    return canvas.mul_(255.0).round_().clamp_(0.0, 255.0).to(torch.uint8)
