"""Errors of the client."""

from __future__ import annotations


class ServerError(RuntimeError):
    """Raised if a server refuses a request, or its answer cannot be read.

    Args:
        code: gRPC name of the status, such as "NOT_FOUND". For REST, the name for the HTTP status.
        message: Message of the server.
        url: URL of the request.

    Example:
    ```python
    try:
        client.predict({"z": z})
    except keras_gan.serving.ServerError as error:
        print(error.code, error.message)
    ```
    """

    def __init__(self, code: str, message: str, url: str) -> None:
        self.code = code
        self.message = message
        self.url = url
        super().__init__(f"Expected an answer from {url}. Received: {code}, {message or 'without a reason'}")

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.code, self.message, self.url)


class RetryableError(Exception):
    """Raised for a request that the server did not begin to work on, so that it may be sent again.

    Args:
        error: Error to raise when there is no retry left.
        after: Seconds to wait, if the server asks for a wait. Defaults to None.
    """

    def __init__(self, error: Exception, after: float | None = None) -> None:
        self.error = error
        self.after = after
        super().__init__(str(error))
