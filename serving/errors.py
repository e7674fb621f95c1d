"""Errors that are sent to clients."""

from __future__ import annotations

# HTTP status of each gRPC code, as in TensorFlow Serving.
HTTP_STATUS = {
    **dict.fromkeys(("INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE"), 400),
    **{"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404},
    **{"ALREADY_EXISTS": 409, "ABORTED": 409, "RESOURCE_EXHAUSTED": 429, "CANCELLED": 499},
    **{"UNKNOWN": 500, "INTERNAL": 500, "DATA_LOSS": 500, "UNIMPLEMENTED": 501},
    **{"UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504},
}


class ServingError(Exception):
    """Error that is sent to the client.

    Args:
        code: gRPC name of the error, such as "INVALID_ARGUMENT".
        message: Message to the client.
        http_status: HTTP status. Defaults to that of the code.
    """

    def __init__(self, code: str, message: str, http_status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http_status = HTTP_STATUS[code] if http_status is None else http_status


def invalid(message: str) -> ServingError:
    """Returns the error for a wrong request."""
    return ServingError("INVALID_ARGUMENT", message)
