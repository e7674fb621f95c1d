"""Bearer tokens (RFC 6750)."""

import hmac

MESSAGE = "A valid token is required: `Authorization: Bearer TOKEN`"


def allows(authorization: str, token: str) -> bool:
    """Returns True if `authorization` holds the token.

    Args:
        authorization: Value of the header or metadata `authorization`, "" if the client sent none.
        token: Token of the server.
    """
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
