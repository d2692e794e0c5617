"""What is forgotten of the product: ticks whose message never came, files that no row knows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from connections.files import full_path
from connections.models import Inbound
from events.relay import forget
from tenants import scope
from tickets.models import EarlyTicks, Media

log = structlog.get_logger(__name__)
EARLY_TICKS_KEPT = timedelta(days=7)
# A file lies there before its row does: while it is uploaded, or waits to be taken in.
STRAY_FILES_KEPT = timedelta(days=1)
LOOKED_UP_AT_ONCE = 500


def prune_ticks() -> int:
    """Forget ticks of messages that nobody ever told us of; how many."""
    return forget(EarlyTicks, at="at", kept=EARLY_TICKS_KEPT)


def tenants_with_files() -> list[str]:
    """Ids of those that have a folder below the media root. Nothing else in there is ours to sweep."""
    root = Path(settings.MEDIA_ROOT)
    return [folder.name for folder in root.iterdir() if _is_id(folder.name)] if root.is_dir() else []


def sweep_files() -> int:
    """Delete old files of the tenant in scope that no row knows: uploads that were refused, downloads that
    broke off (`.part`). How many."""
    root, deleted = full_path(str(scope.current().id)), 0
    files = _old_files(root, before=time.time() - STRAY_FILES_KEPT.total_seconds())
    while batch := {str(file.relative_to(root.parent)): file for file in islice(files, LOOKED_UP_AT_ONCE)}:
        for path in batch.keys() - _known(list(batch)):
            batch[path].unlink(missing_ok=True)
            deleted += 1
    if deleted:
        log.info("files without a row deleted", count=deleted)
    return deleted


def _known(paths: list[str]) -> set[str]:
    known = set(Media.objects.filter(path__in=paths).values_list("path", flat=True))
    if len(known) == len(paths):
        return known
    # Stored and told, though nobody has taken the news of it in yet, or somebody failed to.
    told = Inbound.objects.filter(kind="filearrived", payload__path__in=paths)
    return known | set(told.values_list("payload__path", flat=True))


def _old_files(root: Path, *, before: float) -> Iterator[Path]:
    for folder, _folders, names in os.walk(root):
        for name in names:
            file = Path(folder, name)
            try:
                is_old = file.lstat().st_mtime < before
            except FileNotFoundError:
                continue  # a download that has just got its name
            if is_old:
                yield file


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
