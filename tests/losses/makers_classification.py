"""The losses with one weight vector or more for each identity."""

from resemblance.losses import (
    AdaFaceLoss,
    ArcFaceLoss,
    CosFaceLoss,
    NormalizedSoftmaxLoss,
    SoftmaxLoss,
    SphereFaceLoss,
    SubCenterArcFaceLoss,
)

SIZE = 6
"""D of the embeddings that they take."""
CLASSIFICATION = {
    "cosface": lambda: CosFaceLoss(8, SIZE, scale=16.0, label_smoothing=0.1),
    "arcface": lambda: ArcFaceLoss(8, SIZE, scale=16.0),
    "arcface-easy_margin": lambda: ArcFaceLoss(8, SIZE, scale=16.0, easy_margin=True, label_smoothing=0.1),
    "sub_center_arcface": lambda: SubCenterArcFaceLoss(8, SIZE, scale=16.0, sub_centres=2, label_smoothing=0.1),
    # Its margins follow the running means and the lengths without gradient, which no difference quotient can know of:
    # in evaluation the means stand still, and this h clips every margin. test_adaface.py tests what training does.
    "adaface": lambda: AdaFaceLoss(8, SIZE, scale=16.0, h=333.0).eval(),
    "sphereface": lambda: SphereFaceLoss(8, SIZE, lambda_start=5.0),
    "sphereface-scaled": lambda: SphereFaceLoss(8, SIZE, scale=16.0, margin=1.35, lambda_start=0.0, lambda_end=0.0),
    "normalized_softmax": lambda: NormalizedSoftmaxLoss(8, SIZE, scale=16.0),
    "softmax": lambda: SoftmaxLoss(8, SIZE, label_smoothing=0.1),
}
