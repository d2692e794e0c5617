"""Recording a fact: in the action's transaction or not at all."""

import pytest
from django.db import transaction

from events.catalog import SectorChanged, TenantFounded
from events.models import Event
from events.recording import record
from tenants.scope import NoTenant, across_tenants, working_for

FACT = SectorChanged(sector={"id": "1", "name": "Sales"})


def test_a_fact_becomes_a_row_of_the_tenant_in_scope(acme):
    event = record(FACT)

    assert (event.tenant_id, event.kind, event.relayed_at) == (acme.id, "sector.changed", None)
    assert event.payload == FACT.payload()
    assert event.payload["sector"] == {"id": "1", "name": "Sales"}


def test_the_fact_can_be_read_back(acme):
    assert Event.objects.get(id=record(FACT).id).fact == FACT


def test_a_fact_needs_a_transaction(committed):
    with pytest.raises(RuntimeError, match="transaction"):
        record(FACT)


def test_a_fact_needs_a_tenant(db):
    with pytest.raises(NoTenant):
        record(FACT)


def test_what_is_rolled_back_was_never_recorded_nor_told(committed, acme, monkeypatch):
    told = []
    monkeypatch.setattr("events.relay.relay", told.append)

    def act():
        with working_for(acme):
            record(FACT)
            raise ValueError("the action failed after it")

    with pytest.raises(ValueError, match="failed"):
        act()
    with across_tenants(reason="nothing may be left"):
        assert not Event.objects.filter(kind="sector.changed", payload=FACT.payload()).exists()
    assert told == []


def test_nothing_is_told_before_the_commit(committed, acme, monkeypatch):
    told = []
    monkeypatch.setattr("events.relay.relay", lambda event: told.append(event.kind))
    with working_for(acme):
        record(FACT)
        assert told == []

    assert told == ["sector.changed"]


def test_an_inner_action_that_fails_takes_only_its_own_facts_back(acme, log):
    record(FACT)
    with pytest.raises(ValueError, match="inner"), transaction.atomic():
        record(FACT)
        raise ValueError("inner")

    assert log.kinds() == ["sector.changed"]


def test_the_row_lists_the_reactions_that_are_still_open(acme, settings):
    assert record(FACT).open_reactions == []

    founded = record(TenantFounded(owner_id="x"))
    assert founded.open_reactions == list(settings.REACTIONS["tenant.founded"])
    assert founded.next_call_at is not None
