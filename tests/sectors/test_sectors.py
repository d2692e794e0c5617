"""Sectors: making and changing them, and who works there."""

import uuid

import pytest
from world import CANARY, browser

from accounts.actions import set_active
from accounts.models import Membership
from sectors.actions import (
    UnknownMember,
    change_sector,
    create_sector,
    give_first_sector,
    seat_member,
)
from sectors.models import COLORS, Seat, Sector
from sectors.serializers import sector_row
from tenants.scope import working_for


def seated(sector):
    return {seat.member.name for seat in Seat.objects.filter(sector=sector).select_related("member__user")}


# --- through the API --------------------------------------------------------------------------


def test_an_owner_makes_a_sector(ana, bruno):
    answer = browser(ana).post(
        "sectors/", {"name": "Returns", "color": "#112233", "members": [str(bruno.id)]}
    )

    assert answer.status_code == 201
    assert answer.json() == {
        "id": answer.json()["id"],
        "name": "Returns",
        "color": "#112233",
        "version": 1,
        "members": [str(bruno.id)],
    }


def test_a_stranger_gets_404(rui, sales):
    assert browser(rui, tenant="rival").patch(f"sectors/{sales.id}/", {"name": "Mine"}).status_code == 404


@pytest.mark.parametrize("who", ["sofia", "bruno"])
def test_a_lesser_role_gets_403(who, request, sales):
    caller = browser(request.getfixturevalue(who))
    assert caller.patch(f"sectors/{sales.id}/", {"name": "Mine"}).status_code == 403
    assert caller.get(f"sectors/{sales.id}/").status_code == 200, "names are known to all"


def test_a_wrong_method_gets_405(ana, sales):
    assert browser(ana).delete(f"sectors/{sales.id}/").status_code == 405


def test_the_event_is_recorded(ana, sales, log):
    browser(ana).patch(f"sectors/{sales.id}/", {"name": "Sales team"})

    told = log.last("sector.changed")
    assert told["sector"]["name"] == "Sales team"
    assert told["by"] == {"id": str(ana.id), "name": "Ana"}


def test_the_events_of_who_was_seated_say_who_did_it(ana, bruno, carla, sales, log):
    browser(ana).patch(f"sectors/{sales.id}/", {"members": [str(carla.id)]})
    assert log.last("member.changed")["by"] == {"id": str(ana.id), "name": "Ana"}

    browser(ana).post("sectors/", {"name": "New", "members": [str(bruno.id)]})
    for kind in ("member.changed", "sector.changed"):
        assert log.last(kind)["by"] == {"id": str(ana.id), "name": "Ana"}


def test_each_change_raises_the_version_of_the_sector_and_of_who_moved(sales, ana, bruno, carla):
    changed = change_sector(sales, members=[ana.id, carla.id])
    assert changed.version == sales.version + 1 == sector_row(changed)["version"]
    assert change_sector(sales, name="Sales team").version == sales.version + 2

    before = {member.id: member.version for member in (ana, bruno, carla)}
    after = dict(Membership.objects.filter(id__in=before).values_list("id", "version"))
    assert {member_id: after[member_id] - before[member_id] for member_id in before} == {
        ana.id: 0,
        bruno.id: 1,
        carla.id: 1,
    }


def test_two_sectors_that_exchange_people_at_once_do_not_block_each_other(
    at_once, acme, sales, support, ana, bruno, carla, dora
):
    everybody = [ana.id, bruno.id, carla.id, dora.id]

    def change(given):
        sector, members = given
        with working_for(acme):
            return change_sector(sector, members=members).name

    outcomes = at_once(
        change, [(sales, everybody), (support, everybody[::-1]), (sales, []), (support, [])] * 3
    )

    assert set(outcomes) == {"Sales", "Support"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"color": "red"}, "color"),
        ({"color": "#FFFFFF\n"}, "color"),
        ({"members": ["Bruno"]}, "members"),
        ({"members": "all"}, "members"),
    ],
)
def test_bad_input_is_explained(change, field, ana):
    answer = browser(ana).post("sectors/", {"name": "New", **change})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]


def test_two_sectors_cannot_have_one_name(ana, sales, support):
    for answer in (
        browser(ana).post("sectors/", {"name": "Support"}),
        browser(ana).patch(f"sectors/{sales.id}/", {"name": "Support"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "sector_name_taken")
    assert set(Sector.objects.values_list("name", flat=True)) == {"Sales", "Support"}


def test_another_tenant_may_use_the_same_name(acme, rival):
    assert create_sector(name=f"{CANARY}-sector").tenant == acme


@pytest.mark.parametrize("somebody", ["nobody", "shut out", "of another tenant"])
def test_only_active_members_work_in_a_sector(somebody, ana, carla, rui, sales):
    set_active(carla, is_active=False)
    member_id = {"nobody": uuid.uuid4(), "shut out": carla.id, "of another tenant": rui.id}[somebody]
    answer = browser(ana).patch(f"sectors/{sales.id}/", {"members": [str(member_id)]})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_member")
    assert seated(sales) == {"Ana", "Bruno"}


# --- people come and go -----------------------------------------------------------------------


def test_exactly_the_named_people_work_there(sales, ana, carla, sofia):
    change_sector(sales, members=[carla.id, ana.id, carla.id])

    assert seated(sales) == {"Ana", "Carla"}


def test_what_is_not_given_stays(sales):
    changed = change_sector(sales, color="#000000")

    assert (changed.name, changed.color) == ("Sales", "#000000")
    assert seated(sales) == {"Ana", "Bruno"}


def test_who_gains_or_loses_a_seat_has_their_sockets_opened_afresh(sales, ana, carla, log):
    change_sector(sales, members=[ana.id, carla.id])

    moved = [event.payload for event in log.events() if event.kind == "member.changed"]
    assert {told["member"]["name"] for told in moved} == {"Bruno", "Carla"}
    assert all(told["rights_changed"] for told in moved)


def test_a_refused_change_is_undone_whole(sales, log):
    with pytest.raises(UnknownMember):
        change_sector(sales, name="Renamed", members=[uuid.uuid4()])

    assert Sector.objects.get(id=sales.id).name == "Sales"
    assert seated(sales) == {"Ana", "Bruno"}
    assert log.kinds() == []


def test_a_seat_shows_the_queue_and_losing_it_hides_it(sales, ana, carla, waiting_ticket):
    caller = browser(carla)
    change_sector(sales, members=[ana.id, carla.id])
    assert caller.get(f"tickets/{waiting_ticket.id}/").status_code == 200

    change_sector(sales, members=[ana.id])
    assert caller.get(f"tickets/{waiting_ticket.id}/").status_code == 404


def test_a_new_sector_gets_the_next_colour(acme):
    first, second = create_sector(name="A"), create_sector(name="B")

    assert first.color in COLORS
    assert second.color == COLORS[(COLORS.index(first.color) + 1) % len(COLORS)]


def test_changes_at_once_end_in_one_of_both(at_once, acme, sales, ana, carla, bruno):
    teams = [[ana.id, carla.id], [bruno.id]] * 4

    def change(team):
        with working_for(acme):
            return change_sector(sales, members=team).name

    outcomes = at_once(change, teams)

    assert outcomes == ["Sales"] * len(teams)
    with working_for(acme):
        assert seated(sales) in ({"Ana", "Carla"}, {"Bruno"})


# --- reactions --------------------------------------------------------------------------------


def test_a_tenant_begins_with_one_sector_and_only_one(rui, rival):
    with working_for(rival):
        before = Sector.objects.count()
        give_first_sector(rui, name="Front desk")
        assert Sector.objects.count() == before, "it has one already"


def test_a_newcomer_is_seated_in_the_sectors_that_still_exist(sofia, sales, support, log):
    seat_member(sofia, [str(sales.id), str(support.id), str(uuid.uuid4())])

    assert set(sofia.sectors.values_list("name", flat=True)) == {"Sales", "Support"}
    assert set(log.last("member.changed")["member"]["sectors"]) == {str(sales.id), str(support.id)}


def test_seating_again_changes_nothing(bruno, sales, log):
    seat_member(bruno, [str(sales.id)])

    assert Seat.objects.filter(member=bruno).count() == 1
    assert log.kinds() == []


def test_a_sector_of_another_tenant_is_no_place_to_sit(bruno, rival):
    with working_for(rival):
        theirs = Sector.objects.get()
    seat_member(bruno, [str(theirs.id)])

    assert set(bruno.sectors.values_list("name", flat=True)) == {"Sales"}


def test_members_are_listed_by_name_with_their_sectors(bruno, sales):
    rows = browser(bruno).get("members/").json()["results"]

    assert [row["name"] for row in rows] == ["Ana", "Bruno", "Carla", "Dora", "Sofia"]
    assert next(row for row in rows if row["name"] == "Bruno")["sectors"] == [str(sales.id)]
    assert all("email" not in row for row in rows)
