"""What a console asks first: who am I, who and what is there, how much waits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from world import browser

from sectors.actions import create_sector


def test_the_inbox_tells_who_i_am_and_what_there_is(bruno, waiting_ticket):
    inbox = browser(bruno).get("inbox/").json()

    assert inbox["me"] == {
        "id": str(bruno.id),
        "name": "Bruno",
        "role": "agent",
        "rights": {
            "sees_all_tickets": False,
            "can_manage_connections": False,
            "can_manage_sectors": False,
            "can_manage_members": False,
        },
    }
    assert inbox["tenant"]["slug"] == "acme"
    assert [sector["name"] for sector in inbox["sectors"]] == ["Sales", "Support"]
    assert [person["name"] for person in inbox["members"]] == ["Ana", "Bruno", "Carla", "Dora", "Sofia"]
    assert [line["name"] for line in inbox["connections"]] == ["Acme main"]
    assert inbox["counters"] == {"waiting": 1, "in_service": 0, "closed": 0}


def test_a_stranger_gets_404(rui):
    assert browser(rui, tenant="acme").get("inbox/").status_code == 404


def test_a_wrong_method_gets_405(bruno):
    assert browser(bruno).post("inbox/").status_code == 405


@pytest.mark.parametrize(
    ("who", "rights"),
    [
        ("ana", {"sees_all_tickets", "can_manage_connections", "can_manage_sectors", "can_manage_members"}),
        ("dora", {"sees_all_tickets", "can_manage_connections", "can_manage_sectors", "can_manage_members"}),
        ("sofia", {"sees_all_tickets"}),
        ("carla", set()),
    ],
)
def test_rights_follow_the_role(who, rights, request):
    inbox = browser(request.getfixturevalue(who)).get("inbox/").json()

    assert {right for right, is_given in inbox["me"]["rights"].items() if is_given} == rights


def test_members_are_shown_with_their_sectors(bruno, sales):
    people = {person["name"]: person for person in browser(bruno).get("inbox/").json()["members"]}

    assert people["Bruno"]["sectors"] == [str(sales.id)]
    assert people["Sofia"]["sectors"] == []


def test_somebody_who_was_shut_out_is_not_among_the_members(ana, carla):
    from accounts.actions import set_active

    set_active(carla, is_active=False)

    assert "Carla" not in [person["name"] for person in browser(ana).get("inbox/").json()["members"]]


def test_the_number_of_queries_does_not_grow_with_sectors_and_people(ana, bruno):
    caller = browser(ana)
    counts = []
    for n in range(2):
        with CaptureQueriesContext(connection) as queries:
            caller.get("inbox/")
        counts.append(len(queries))
        for m in range(5):
            create_sector(name=f"Sector {n} {m}", members=[ana.id, bruno.id])

    assert counts[0] == counts[1]
