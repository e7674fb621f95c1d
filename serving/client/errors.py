"""What a server may answer instead of images."""

from __future__ import annotations


class ServerError(RuntimeError):
    """A server refused a request, or answered what cannot be read.

    Args:
        code: gRPC's name of the status, such as "NOT_FOUND"; of REST the name that stands for the HTTP status.
        message: What the server said.
        url: Where it was asked.

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
    """A request that the server did not begin to work on, so that it may be sent again.

    Args:
        error: What to raise if it is not.
        after: Seconds to wait, if the server said so. Defaults to None.
    """

    def __init__(self, error: Exception, after: float | None = None) -> None:
        self.error = error
        self.after = after
        super().__init__(str(error))
