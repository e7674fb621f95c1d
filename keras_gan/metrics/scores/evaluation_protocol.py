"""Protocol of an evaluation. Values of a metric are comparable only if their protocols are equal."""

from __future__ import annotations

import dataclasses
from typing import Any

from keras_gan.metrics.extractors.feature_extractor import FeatureExtractor


@dataclasses.dataclass(frozen=True)
class EvaluationProtocol:
    """Everything that the value of a metric depends on except the images.

    Args:
        extractor: Name of the extractor.
        version: Version of its weights.
        input_size: Height and width that images were resized to, or `None` if they were not resized.
        resize: Description of the resize filter.
        real_images: Number of real images.
        fake_images: Number of generated images.
        split: Name and split of the real images, such as "digits:train".
        seed: Seed of the generated images, and of the random subsets of a metric.
        keras_gan: Version of this library.

    Example:
    ```python
    protocol = keras_gan.metrics.EvaluationProtocol.of(extractor, real_images=5000, fake_images=5000, split="digits")
    ```
    """

    extractor: str
    version: str
    input_size: int | None
    resize: str
    real_images: int
    fake_images: int
    split: str
    seed: int
    keras_gan: str

    @classmethod
    def of(
        cls, extractor: FeatureExtractor, real_images: int, fake_images: int, split: str = "", seed: int = 0
    ) -> EvaluationProtocol:
        """Returns the protocol of an evaluation with an extractor.

        Args:
            extractor: A `FeatureExtractor`.
            real_images: Number of real images.
            fake_images: Number of generated images.
            split: Name and split of the real images. Defaults to "", unknown.
            seed: Seed of the generated images, and of the random subsets of a metric. Defaults to 0.
        """
        return cls(**extractor.protocol(), real_images=real_images, fake_images=fake_images, split=split, seed=seed)

    def as_dict(self) -> dict[str, Any]:
        """Returns the protocol as plain data for JSON."""
        return dataclasses.asdict(self)

    def check_same(self, other: EvaluationProtocol) -> None:
        """Raises if another protocol differs from this one.

        Raises:
            ValueError: If the protocols differ. The message lists the differences.
        """
        mine, theirs = self.as_dict(), other.as_dict()
        differing = [f"{name} {mine[name]!r} and {theirs[name]!r}" for name in mine if mine[name] != theirs[name]]
        if differing:
            raise ValueError(f"Expected metrics of the same protocol to compare. Received: {'; '.join(differing)}")
