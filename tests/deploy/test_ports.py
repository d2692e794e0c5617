"""Taken ports get one line that says who has them and how to choose others."""

import os
import socket

import pytest

from deploy.local import ports
from deploy.local.console import Trouble
from deploy.local.locks import Lock, claim_folder


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind((ports.HOST, 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.fixture
def run_lock(folder, monkeypatch):
    lock = Lock(folder / "run.lock")
    monkeypatch.setattr(ports, "run_lock", lambda: Lock(folder / "run.lock"))
    yield lock
    lock.drop()


def test_a_taken_port_names_its_holder_and_another_port(taken, run_lock, monkeypatch):
    monkeypatch.setenv("PORT", str(taken))
    with pytest.raises(Trouble) as told:
        ports.demand_free_for_run()
    assert f"Port {taken} is taken by" in told.value.what
    assert f"process {os.getpid()}" in told.value.what
    assert "make run PORT=" in told.value.todo


def test_a_taken_port_of_the_simulator_names_its_variable(taken, run_lock, monkeypatch):
    monkeypatch.setenv("PORT", str(ports.free_port()))
    monkeypatch.setenv("SIMULATOR_PORT", str(taken))
    with pytest.raises(Trouble) as told:
        ports.demand_free_for_run()
    assert "make run SIMULATOR_PORT=" in told.value.todo


@pytest.mark.parametrize("text", ["web", "0", "65536", "-1", "80 80"])
def test_what_is_no_port_is_refused(text, run_lock, monkeypatch):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Trouble, match="is not a port"):
        ports.demand_free_for_run()


def test_one_port_cannot_serve_both(run_lock, monkeypatch):
    monkeypatch.setenv("PORT", "18000")
    monkeypatch.setenv("SIMULATOR_PORT", "18000")
    with pytest.raises(Trouble, match="the same"):
        ports.demand_free_for_run()


def test_a_second_run_in_the_same_folder_is_told_of_the_first(run_lock):
    assert run_lock.take()
    with pytest.raises(Trouble, match=rf"already runs from this folder \(process {os.getpid()}\)"):
        ports.demand_free_for_run()


def test_a_port_is_free_again_when_its_holder_went():
    with socket.socket() as holder:
        holder.bind((ports.HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_a_folder_in_use_makes_room_for_a_second_user(folder):
    first, lock = claim_folder(folder / "test")
    second, other = claim_folder(folder / "test")
    assert (first.name, second.name) == ("test", "test-2")
    lock.drop()
    again, third = claim_folder(folder / "test")
    assert again == first
    other.drop()
    third.drop()
