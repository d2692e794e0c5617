"""What the network refuses: one error, with a code for programs and a sentence for people."""

from __future__ import annotations


class Refused(Exception):
    """Something the network does not do.

    ``status`` is the HTTP status at the control doors; ``permanent`` tells a linked device that
    trying the same thing again cannot help.
    """

    def __init__(self, code: str, message: str, *, status: int = 400, permanent: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.permanent = permanent

    def as_error(self) -> dict[str, object]:
        """The shape a linked device is told."""
        return {"code": self.code, "message": self.message, "permanent": self.permanent}


def invalid(message: str) -> Refused:
    """Input of the wrong shape."""
    return Refused("invalid", message, status=400)


def not_found(code: str, message: str) -> Refused:
    """Something that is not there."""
    return Refused(code, message, status=404)


def conflict(code: str, message: str, *, permanent: bool = True) -> Refused:
    """Something that does not go with how things are now."""
    return Refused(code, message, status=409, permanent=permanent)
