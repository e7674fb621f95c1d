"""Checks and runs one request, from REST or gRPC."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from keras_gan.artifacts.tensor_spec import check_shapes, rows_of
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.servable import Servable
from keras_gan.serving.models.signature import Signature, check_finite
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.workers import Steps

logger = logging.getLogger("keras_gan.serving")

# Codes of `tf.errors.OpError` that are not the server's fault.
_CODES = {3: "INVALID_ARGUMENT", 9: "FAILED_PRECONDITION", 11: "OUT_OF_RANGE", 12: "UNIMPLEMENTED"}


@dataclass
class Predictor:
    """Runs requests.

    Args:
        metrics: Metrics that count the runs.
        max_rows: Largest number of rows in a request. Defaults to 1024.
    """

    metrics: Metrics
    max_rows: int = 1024

    def run(self, servable: Servable, name: str, inputs: Mapping[str, np.ndarray]) -> Steps[dict[str, np.ndarray]]:
        """Runs one request, in steps if it is large. Values of the outputs may be infinite or NaN.

        Raises:
            ServingError: If the request is wrong or too large, or the model fails.
        """
        signature = servable.signature(name)
        rows = self._check(servable, signature, inputs)
        seconds, start, parts = 0.0, 0, list[dict[str, np.ndarray]]()
        try:
            while start < rows or not parts:
                if parts:
                    yield
                size = signature.rows_at_once if signature.has_own_rows else rows
                part = inputs
                if size < rows or start:
                    part = {key: array[start : start + size] for key, array in inputs.items()}
                began = time.perf_counter()
                parts.append(signature.run(part))
                took = time.perf_counter() - began
                signature.learn(min(size, rows - start), took)
                seconds, start = seconds + took, start + size
        except ServingError:
            raise
        except ValueError as error:  # an engine raises it for shapes that do not fit
            raise invalid(str(error)) from error
        except Exception as error:  # the engines' exceptions share no base class
            if "InvalidArgument" in type(error).__name__:
                raise invalid(str(error)) from error
            code = _CODES.get(getattr(error, "error_code", 0))
            if code is not None:
                raise ServingError(code, str(error)) from error
            logger.exception("%s version %d failed to run %s", servable.name, servable.version, name)
            raise ServingError("INTERNAL", f"The model failed: {error}") from error
        self.metrics.ran(servable.name, rows, seconds)
        if len(parts) == 1:
            return parts[0]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    def _check(self, servable: Servable, signature: Signature, inputs: Mapping[str, np.ndarray]) -> int:
        """Returns the number of rows, or raises `ServingError`."""
        try:
            check_shapes(signature.inputs, inputs)
            check_finite(inputs)
            if servable.is_foreign:
                rows = max((len(array) for array in inputs.values() if array.ndim), default=1)
            else:
                rows = rows_of(inputs)
        except ValueError as error:
            raise invalid(str(error)) from error
        if rows > self.max_rows:
            raise invalid(f"A request may have at most {self.max_rows} rows. Received: {rows}")
        classes = None if servable.manifest is None else servable.manifest.num_classes
        labels = inputs.get("labels")
        if classes is not None and labels is not None and not ((labels >= 0) & (labels < classes)).all():
            raise invalid(f"`labels` must be from 0 to {classes - 1}. Received: {labels.min()} to {labels.max()}")
        return rows
