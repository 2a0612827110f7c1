"""When a webhook delivery that failed is tried again."""

from datetime import timedelta

FIRST_DELAY = timedelta(seconds=5)
FACTOR = 4
LONGEST_DELAY = timedelta(hours=16)
ATTEMPTS = 9
"""Nine attempts span 5 s, 20 s, 80 s, 5 min, 21 min, 85 min, 5.7 h and 16 h: about 24 hours."""
SPREAD = 0.2


def retry_after(attempt: int, jitter: float) -> timedelta | None:
    """Return how long to wait after the failed *attempt* (1 is the first), None to give up.

    *jitter* from 0 to 1 moves the delay by up to a fifth either way, so that the deliveries that
    an outage has gathered do not all come back at once.
    """
    if attempt >= ATTEMPTS:
        return None
    delay: timedelta = min(FIRST_DELAY * int(FACTOR ** (max(attempt, 1) - 1)), LONGEST_DELAY)
    return delay * (1 - SPREAD + 2 * SPREAD * jitter)
