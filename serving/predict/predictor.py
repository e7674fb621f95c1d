"""One request, checked and run: what REST and gRPC have in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

import numpy as np

from keras_gan.artifacts.tensor_spec import rows_of
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.servable import Servable, Signature
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.predict.batching import Batcher

logger = logging.getLogger("keras_gan.serving")


class Predictor:
    """Runs requests, in batches or one by one.

    Args:
        metrics: Where runs are counted.
        batcher: Puts requests together. Defaults to None, each is run alone.
        max_rows: More in one request are refused. Defaults to 1024.
    """

    def __init__(self, metrics: Metrics, batcher: Batcher | None = None, max_rows: int = 1024) -> None:
        self.metrics = metrics
        self.batcher = batcher
        self.max_rows = max_rows

    def run(
        self, servable: Servable, name: str, inputs: Mapping[str, np.ndarray], deadline: float | None = None
    ) -> dict[str, np.ndarray]:
        """Run one request.

        Args:
            servable: What is to answer.
            name: Of its signature.
            inputs: An array for each of the signature's inputs.
            deadline: By `time.monotonic`; a request that has not begun by then is given up. Defaults to None.

        Returns:
            An array for each output.

        Raises:
            ServingError: If the request is wrong, too large or too late, or its run fails.
        """
        signature = servable.signatures[name]
        rows = self._check(servable, signature, inputs)
        if deadline is not None and time.monotonic() >= deadline:
            raise ServingError("DEADLINE_EXCEEDED", "The request waited until its deadline, and was not run")
        began = time.perf_counter()
        try:
            if self.batcher is None:
                outputs = signature.run(inputs)
            else:
                outputs = self.batcher.run((id(servable), name), signature.run, inputs, rows, deadline)
        except ServingError:
            raise
        except ValueError as error:  # what an engine says of shapes that do not fit
            raise invalid(str(error)) from error
        except Exception as error:  # the runtimes' exceptions share no base class
            if "InvalidArgument" in type(error).__name__:
                raise invalid(str(error)) from error
            logger.exception("%s version %d, %s, failed", servable.name, servable.version, name)
            raise ServingError("INTERNAL", f"The model failed: {error}") from error
        self.metrics.ran(servable.name, rows, time.perf_counter() - began)
        return outputs

    def _check(self, servable: Servable, signature: Signature, inputs: Mapping[str, np.ndarray]) -> int:
        try:
            rows = rows_of(signature.inputs, inputs)
        except ValueError as error:
            raise invalid(str(error)) from error
        if rows > self.max_rows:
            raise invalid(f"Expected {self.max_rows} rows at most. Received: {rows}")
        classes = None if servable.manifest is None else servable.manifest.num_classes
        labels = inputs.get("labels")
        if classes is not None and labels is not None and not ((labels >= 0) & (labels < classes)).all():
            raise invalid(f"`labels` must be from 0 to {classes - 1}. Received: {labels.min()} to {labels.max()}")
        return rows
