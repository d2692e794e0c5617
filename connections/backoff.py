"""How long to wait before trying again."""

FIRST_SECONDS = 1.0
CEILING_SECONDS = 300.0


def backoff_seconds(attempt: int, luck: float) -> float:
    """Pause before attempt number `attempt` (from 0), in seconds: 1, 2, 4 … at most 300.

    `luck` in [0, 1) spreads it over 50 to 100 % of that, so that many sessions dropped by one outage do
    not come back in one instant.
    """
    full: float = min(CEILING_SECONDS, FIRST_SECONDS * 2 ** min(attempt, 20))
    return full * (0.5 + luck / 2)
