"""The embedded PostgreSQL: who may do what in it, and what it survives."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg
import pytest
from launched import copy_cluster

from deploy.local.cluster import LONGEST_SOCKET_BYTES, SOCKET_NAME, socket_folder_for
from deploy.local.console import Trouble
from deploy.local.postgres import Postgres


def start(server: Postgres) -> None:
    server.start()
    server.wait_ready()


def ask(server: Postgres, query: str) -> tuple[object, ...]:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


@pytest.fixture(scope="module")
def running() -> Iterator[Postgres]:
    """One for all tests that only look, made from nothing as people's are."""
    place = Path(tempfile.mkdtemp(prefix="balcao-test-"))
    server = Postgres(place / "postgres", log=place / "postgres.log", password="um-dois")
    start(server)
    yield server
    server.stop(at_once=True)
    shutil.rmtree(place)


def test_the_application_s_role_is_neither_superuser_nor_above_row_level_security(running):
    assert ask(
        running,
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, current_database()"
        " from pg_roles where rolname = current_user",
    ) == (False, False, False, False, "balcao")


def test_the_role_of_a_store_for_tests_may_create_databases(folder, fresh_cluster):
    copy_cluster(fresh_cluster, folder / "pg")
    server = Postgres(folder / "pg", log=folder / "log", password="x", is_durable=False)
    start(server)
    try:
        assert ask(server, "select rolcreatedb, rolsuper from pg_roles where rolname = 'balcao'") == (
            True,
            False,
        )
        assert ask(server, "show fsync") == ("off",)
    finally:
        server.stop(at_once=True)


def test_a_wrong_password_does_not_open_it(running):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(running.url().replace("um-dois", "um-tres"))


def test_django_reads_the_address_as_libpq_does(running):
    read = environ.Env.db_url_config(running.url())
    assert (read["NAME"], read["USER"], read["PASSWORD"], read["HOST"]) == (
        "balcao",
        "balcao",
        "um-dois",
        "",
    )
    assert read["OPTIONS"] == {"host": str(running.cluster.socket_folder)}


def test_data_survive_a_kill_and_a_restart(postgres):
    start(postgres)
    with psycopg.connect(postgres.url()) as connection:
        connection.execute("create table kept as select 7 as number")
    postgres.send(signal.SIGKILL)
    assert postgres.wait(5)
    start(postgres)
    assert ask(postgres, "select number from kept") == (7,)


def test_a_new_launcher_with_another_password_takes_over_an_orphan(postgres, folder):
    start(postgres)
    orphan = postgres.pid
    second = Postgres(folder / "postgres", log=folder / "second.log", password="outra")
    start(second)
    try:
        assert second.pid != orphan
        assert not postgres.is_running()
        assert ask(second, "select 1") == (1,)
    finally:
        second.stop(at_once=True)


def test_a_stale_pid_file_with_the_number_of_a_stranger_is_no_hindrance(postgres):
    start(postgres)
    postgres.stop()
    pid_file = postgres.cluster.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{postgres.cluster.data}\n1\n5432\n\n\n0 0\nready\n")
    start(postgres)
    assert ask(postgres, "select 1") == (1,)


def test_broken_data_get_one_line_that_says_what_to_do(postgres):
    start(postgres)
    postgres.stop()
    (postgres.cluster.data / "global" / "pg_control").write_bytes(b"nonsense")
    with pytest.raises(Trouble) as told:
        start(postgres)
    assert "cannot start from" in told.value.what
    assert "pg_control" in told.value.what or "control file" in told.value.what
    assert "mv " in told.value.todo


def test_a_folder_that_is_no_cluster_says_so(folder):
    (folder / "data").mkdir()
    with pytest.raises(Trouble, match="PG_VERSION is missing"):
        Postgres(folder, log=folder / "log", password="x").start()


def test_a_cluster_of_another_version_is_named_and_left_alone(postgres):
    start(postgres)
    postgres.stop()
    (postgres.cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(Trouble, match="made by PostgreSQL 9"):
        postgres.start()


def test_a_broken_store_for_tests_is_made_again(folder, fresh_cluster):
    copy_cluster(fresh_cluster, folder / "pg")
    server = Postgres(folder / "pg", log=folder / "log", password="x", is_durable=False)
    start(server)
    server.stop()
    (server.cluster.data / "global" / "pg_control").write_bytes(b"nonsense")
    start(server)
    try:
        assert ask(server, "select 1") == (1,)
    finally:
        server.stop(at_once=True)


def test_two_run_side_by_side(postgres, folder, fresh_cluster):
    copy_cluster(fresh_cluster, folder / "other")
    other = Postgres(folder / "other", log=folder / "other.log", password="x")
    postgres.start()
    other.start()
    try:
        postgres.wait_ready()
        other.wait_ready()
        started = "select pg_postmaster_start_time()"
        assert ask(postgres, started) != ask(other, started)
    finally:
        other.stop(at_once=True)


@pytest.mark.parametrize("name", ["deep/" * 30, "a,b", 'a"b'])
def test_the_socket_moves_where_its_path_would_not_do(folder, name):
    place = socket_folder_for(folder / name)
    assert not place.is_relative_to(folder)
    assert len(os.fsencode(place / SOCKET_NAME)) <= LONGEST_SOCKET_BYTES
    assert place == socket_folder_for(folder / name)
    assert place != socket_folder_for(folder / f"{name} too")


def test_it_runs_in_a_folder_too_deep_for_a_socket(folder):
    deep = folder / ("very deep indeed/" * 8)
    server = Postgres(deep, log=folder / "log", password="x", is_durable=False)
    start(server)
    try:
        assert ask(server, "select 1") == (1,)
    finally:
        server.stop(at_once=True)
        server.cluster.socket_folder.rmdir()


def test_a_socket_folder_that_somebody_else_made_is_not_trusted(folder, monkeypatch):
    server = Postgres(folder / ("d/" * 60), log=folder / "log", password="x")
    elsewhere = server.cluster.socket_folder
    elsewhere.symlink_to(folder)
    try:
        with pytest.raises(Trouble, match="belongs to somebody else"):
            server.start()
    finally:
        elsewhere.unlink()


def test_letters_with_accents_fold_and_sort_the_same_on_every_machine(running):
    assert ask(running, "select lower('ÁÇÃO'), upper('ñ'), 'Álvaro' > 'Zé'") == (
        "áção",
        "Ñ",
        True,
    )


def test_log_lines_go_to_its_log(running):
    assert "ready to accept connections" in running.log.read_text()
