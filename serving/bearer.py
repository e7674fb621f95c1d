"""Bearer tokens (RFC 6750)."""

import hmac

MESSAGE = "A valid token is required: `Authorization: Bearer TOKEN`"


def allows(authorization: str, token: str) -> bool:
    """Returns True if the header or metadata `authorization`, "" if there is none, holds the token of the server."""
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
