"""What is forgotten of the product: old early ticks, and files that no row knows."""

import os
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from world import keep_file

from connections import downloads
from connections.files import full_path
from connections.models import Download
from tenants.scope import across_tenants, working_for
from tickets import pruning, tasks
from tickets.models import EarlyTicks


def test_ticks_of_messages_that_never_came_are_forgotten(open_ticket, maria):
    maria.ticks("read", "OLD")
    with across_tenants(reason="time passes"):
        old = EarlyTicks.objects.update(at=timezone.now() - pruning.EARLY_TICKS_KEPT - timedelta(hours=1))
    maria.ticks("read", "YOUNG")

    assert pruning.prune_ticks() == old
    assert list(EarlyTicks.objects.values_list("wa_id", flat=True)) == ["YOUNG"]


@pytest.fixture
def old_file(acme, settings, tmp_path):
    """A file of two days ago, and nothing about it in the database."""
    settings.MEDIA_ROOT = tmp_path

    def put(path=None, *, days=2):
        path = path or keep_file(acme.id, b"bytes")
        then = time.time() - days * 24 * 3600
        os.utime(full_path(path), (then, then))
        return full_path(path)

    return put


def test_an_old_file_that_no_row_knows_is_deleted(old_file):
    stray, young = old_file(), old_file(days=0.5)

    assert pruning.sweep_files() == 1
    assert (stray.exists(), young.exists()) == (False, True)


def test_a_download_that_broke_off_is_deleted(acme, old_file):
    path = keep_file(acme.id, b"half of it")
    full_path(path).rename(full_path(path).with_suffix(".part"))
    part = old_file(f"{path}.part")

    assert pruning.sweep_files() == 1
    assert not part.exists()


def test_a_file_of_a_message_is_kept(maria, old_file):
    media = maria.sends_file(name="a.jpg", mime="image/jpeg", arrives=b"bytes").media
    kept = old_file(media.path)

    assert pruning.sweep_files() == 0
    assert kept.exists()


def test_a_file_whose_news_is_not_taken_in_yet_is_kept(acme, maria, line, old_file):
    maria.sends_file(name="a.jpg", mime="image/jpeg", arrives=None)
    kept = old_file()
    path = str(kept.relative_to(full_path(".")))
    downloads.finish(
        line.connection, line.lease, Download.objects.get(), path=path, size=5, mime="image/jpeg"
    )

    assert pruning.sweep_files() == 0
    assert kept.exists()


def test_only_files_of_the_tenant_in_scope_are_swept(rival, acme, old_file):
    theirs = old_file(keep_file(rival.id, b"theirs"))

    assert pruning.sweep_files() == 0
    assert theirs.exists()


def test_the_clock_sweeps_the_files_of_every_tenant(committed, acme, rival, old_file, work_off):
    strays = [old_file(keep_file(tenant.id, b"bytes")) for tenant in (acme, rival)]
    full_path("lost+found").mkdir(exist_ok=True)
    tasks.sweep_files()

    assert set(work_off()) == {"tickets.tasks.sweep_files_of"}
    assert not any(stray.exists() for stray in strays)
    with working_for(rival):
        assert pruning.sweep_files() == 0


def test_a_tenant_without_files_has_nothing_to_sweep(acme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "none"

    assert pruning.sweep_files() == 0
    assert pruning.tenants_with_files() == []
