"""A QR code as SVG, white quiet zone included, so that it scans in dark pages too."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_L
from qrcode.image.svg import SvgPathFillImage


def draw(code: str) -> str:
    """SVG markup of the code. The text is a credential: it is drawn, and kept nowhere."""
    image = qrcode.make(code, image_factory=SvgPathFillImage, error_correction=ERROR_CORRECT_L, border=4)
    svg: str = image.to_string(encoding="unicode")
    return svg
