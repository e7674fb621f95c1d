"""The service grpc.health.v1: https://github.com/grpc/grpc/blob/master/doc/health-checking.md."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.models import Models
from keras_gan.serving.protos import messages

HEALTH = "grpc.health.v1.Health"
# Services whose health is that of the server. "" is the server.
_SERVICES = ("", "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService", HEALTH)
_MOST_WATCHERS = 100
_POLL_SECONDS = 0.5


class Health:
    """Methods of the service. Each yields its responses, or raises `ServingError`."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self.draining = False
        self._watchers = 0

    def methods(self) -> dict[str, tuple[Any, Any]]:
        """Returns each method by name, with the class of its request."""
        return {
            name: (method, messages.HealthCheckRequest)
            for name, method in (("Check", self.check), ("Watch", self.watch))
        }

    async def check(self, asked: messages.HealthCheckRequest) -> AsyncIterator[messages.HealthCheckResponse]:
        """Yields the health of a service."""
        if asked.service not in _SERVICES:
            raise ServingError("NOT_FOUND", f"The server does not have the service {asked.service[:100]}")
        yield self._status(asked.service)

    async def watch(self, asked: messages.HealthCheckRequest) -> AsyncIterator[messages.HealthCheckResponse]:
        """Yields the health of a service, and again whenever it changes."""
        if self._watchers >= _MOST_WATCHERS:
            raise ServingError("RESOURCE_EXHAUSTED", f"At most {_MOST_WATCHERS} calls may watch the health")
        self._watchers += 1
        try:
            last = None
            while True:
                status = self._status(asked.service)
                if status != last:
                    yield status
                last = status
                await asyncio.sleep(_POLL_SECONDS)
        finally:
            self._watchers -= 1

    def _status(self, service: str) -> messages.HealthCheckResponse:
        if service not in _SERVICES:
            return messages.HealthCheckResponse(status="SERVICE_UNKNOWN")
        is_ready = self.models.ready and not self.draining
        return messages.HealthCheckResponse(status="SERVING" if is_ready else "NOT_SERVING")
