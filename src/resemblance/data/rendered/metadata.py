"""What is known of each rendered image, to break figures down by."""

from math import pi

import numpy as np

from resemblance.data.rendered.dataset import rows_of
from resemblance.data.rendered.identity import draw_identities
from resemblance.data.rendered.nuisance import draw_nuisances
from resemblance.data.rendered.settings import RenderSettings


def rendered_metadata(
    *, seed: int, identities: range, images_per_identity: int, settings: RenderSettings
) -> dict[str, list[str | float | None]]:
    """Columns with a value for each image of ``rendered_faces`` with the same arguments, in its order.

    Returns:
        ``yaw`` and ``pitch`` in degrees, ``light`` (strength of the directed light, 0.25 to 0.85), ``glasses`` and
        ``hat`` (``yes`` or ``no``), and ``skin_tone`` of the person (0 darkest to 1 lightest).
    """
    people, images = rows_of(seed, np.asarray(identities, dtype=np.int64), images_per_identity, settings.long_tail)
    taken = draw_nuisances(seed, people, images, settings.pose_range, settings.nuisance_strength)
    person = draw_identities(seed, people, settings.lookalikes)
    numbers = {
        "yaw": taken.yaw * 180 / pi,
        "pitch": taken.pitch * 180 / pi,
        "light": taken.light_strength,
        "skin_tone": person.skin_tone,
    }
    worn = {"glasses": taken.glasses, "hat": taken.hat}
    return {
        **{name: values.tolist() for name, values in numbers.items()},
        **{name: ["yes" if value else "no" for value in values.tolist()] for name, values in worn.items()},
    }
