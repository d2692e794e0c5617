"""What a process costs the machine."""

from __future__ import annotations

import os
from pathlib import Path

STATM = Path("/proc/self/statm")  # Linux; elsewhere nobody counts


def resident_bytes() -> int:
    """Of this process; 0 where the system does not say."""
    if not STATM.exists():
        return 0
    pages = int(STATM.read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
