"""The bearer token that clients may have to send."""

import hmac


def allows(authorization: str, token: str) -> bool:
    """Whether this is what is to be sent as `authorization` (RFC 6750, section 2.1), however its scheme is spelt.

    Args:
        authorization: What a client has sent, "" if nothing.
        token: What is asked for.
    """
    scheme, _, given = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
