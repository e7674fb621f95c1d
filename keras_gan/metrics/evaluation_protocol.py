"""What a figure depends on beside the images: figures of different protocols are not comparable."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class EvaluationProtocol:
    """How a figure was measured.

    Args:
        extractor: The extractor's name.
        version: Its weights.
        input_size: The height and width that images were resized to; `None` for their own.
        resize: How.
        real_images: How many real images were compared with.
        fake_images: How many generated ones.
        split: Which real images: the data set's name and part, such as "digits:train".
        seed: What the generated images, and the subsets of them that a metric draws, depend on.
        keras_gan: The version of this library.

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
        cls, extractor: Any, real_images: int, fake_images: int, split: str = "", seed: int = 0
    ) -> EvaluationProtocol:
        """The protocol of figures of an extractor.

        Args:
            extractor: A `FeatureExtractor`.
            real_images: See the class.
            fake_images: See the class.
            split: See the class. Defaults to "", not said.
            seed: See the class. Defaults to 0.
        """
        return cls(**extractor.protocol(), real_images=real_images, fake_images=fake_images, split=split, seed=seed)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return dataclasses.asdict(self)

    def check_same(self, other: EvaluationProtocol) -> None:
        """See that figures of this and of another protocol can be compared.

        Raises:
            ValueError: If they differ; the message says in what.
        """
        mine, theirs = self.as_dict(), other.as_dict()
        differing = [f"{name} {mine[name]!r} and {theirs[name]!r}" for name in mine if mine[name] != theirs[name]]
        if differing:
            raise ValueError(f"Expected figures of one protocol to compare. Received: {'; '.join(differing)}")
