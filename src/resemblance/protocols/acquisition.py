"""Failure to acquire: images that give no embedding, and what they do to the rates of a system that must answer."""

from dataclasses import replace

from resemblance.metrics.uncertainty import wilson
from resemblance.protocols.thin import noted, thin
from resemblance.results import Result, Scalar

KEY = "acquisition/fta"
_TAR_AT = "/tar_at_far_"
ONLY_IN = "in FAR@FMR and FRR@FMR only: all other figures, such as rank-k, are of the images that gave an embedding"
FIXED = "the failures to acquire held fixed"


def with_failures(result: Result, acquired: int, failed: int) -> Result:
    """The share of failures to acquire and, where there are any, FAR and FRR beside FMR and FNMR.

    FAR = FMR · (1 − FTA), FRR = FTA + FNMR · (1 − FTA) (ISO/IEC 19795-1): a person whose image gives no embedding is
    rejected. What protocols call TAR@FAR is 1 − FNMR at an FMR, of the comparisons that took place.

    Whose images failed is not known here, so the interval of the FTA takes images as independent and says so; where the
    images of one person fail together it is too narrow. The FMR of FAR@FMR is what the threshold was chosen for, and
    the interval of that FAR holds the FTA's alone. That of FRR@FMR holds the FNMR's, the FTA being as it is.

    Args:
        result: of the images that gave an embedding.
        acquired: their number.
        failed: number of the others.
    """
    total = acquired + failed
    fta = failed / total
    counts = {"images": total, "errors": failed}
    ends = wilson(failed, total, "images")
    label = "failure to acquire (FTA)"
    note = noted(thin(failed), ONLY_IN if failed else None)
    scalars = {**result.scalars, KEY: Scalar(fta, label, counts, ends.low, ends.high, ends.method, note)}
    drawn = dict(result.replicates)
    if failed:
        for key, scalar in result.scalars.items():
            protocol, found, rate = key.partition(_TAR_AT)
            errors, impostor = scalar.counts.get("impostor_errors"), scalar.counts.get("impostor")
            if not found or errors is None or not impostor:
                continue
            at = scalar.label.partition("@FAR=")[2]
            far, frr = f"{protocol}/far_at_fmr_{rate}", f"{protocol}/frr_at_fmr_{rate}"
            fmr = errors / impostor
            scalars[far] = Scalar(
                fmr * (1 - fta),
                f"FAR@FMR={at}",
                {**scalar.counts, "failures": failed},
                low=fmr * (1 - ends.high),
                high=fmr * (1 - ends.low),
                method=f"FMR given by the threshold; FTA: {ends.method}",
                note=scalar.note,
            )
            scalars[frr] = _rejected(scalar, f"FRR@FMR={at}", fta, failed)
            if key in drawn:
                drawn[frr] = 1 - drawn[key] * (1 - fta)
    return replace(result, scalars=scalars, replicates=drawn)


def _rejected(tar: Scalar, label: str, fta: float, failed: int) -> Scalar:
    """FTA + FNMR·(1 − FTA) = 1 − TAR·(1 − FTA); the interval's ends change places."""

    def rejected(rate: float | None) -> float | None:
        return None if rate is None else 1 - rate * (1 - fta)

    counts = {name: count for name, count in tar.counts.items() if name != "impostor_errors"}
    counts |= {"genuine_errors": round((1 - tar.value) * counts["genuine"]), "failures": failed}
    return Scalar(
        1 - tar.value * (1 - fta),
        label,
        counts,
        low=rejected(tar.high),
        high=rejected(tar.low),
        method=tar.method and f"{tar.method}, {FIXED}",
        note=tar.note,
        degrees=tar.degrees,
    )
