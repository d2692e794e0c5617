"""What customers do to messages after writing them: reactions, edits, deletions, files that arrive."""

import pytest
from world import Customer, answer, browser, deliver

from connections import downloads, wire
from connections.models import Download
from tickets import intake
from tickets.models import Identity, Message, Ticket


def fresh(message):
    return Message.objects.select_related("media").get(id=message.id)


def bubble_of(message, who):
    """As the API shows it."""
    bubbles = browser(who).get(f"tickets/{message.ticket_id}/messages/").json()["results"]
    return next(bubble for bubble in bubbles if bubble["id"] == str(message.id))


@pytest.fixture
def question(maria):
    return maria.writes("Do you have it in blue?")


# --- reactions --------------------------------------------------------------------------------


def test_a_reaction_shows_under_its_message(question, maria, log):
    maria.reacts(question, "👍")

    assert fresh(question).reactions == [{"emoji": "👍", "by": "contact"}]
    assert log.last("message.changed")["message"]["reactions"] == [{"emoji": "👍", "by": "contact"}]


def test_another_emoji_replaces_the_first(question, maria):
    maria.reacts(question, "👍")
    maria.reacts(question, "❤️")

    assert fresh(question).reactions == [{"emoji": "❤️", "by": "contact"}]


def test_an_empty_emoji_takes_the_reaction_away(question, maria):
    maria.reacts(question, "👍")
    maria.reacts(question, "")

    assert fresh(question).reactions == []


def test_ours_and_theirs_stand_side_by_side(question, maria):
    maria.reacts(question, "👍")
    maria.reacts(question, "🙏", from_me=True)

    assert {one["by"] for one in fresh(question).reactions} == {"contact", "us"}


def test_a_reaction_reaches_an_answer_whose_sending_is_not_settled(bruno, open_ticket, maria):
    ours = answer(open_ticket, "Yes", by=bruno)
    maria.reacts(ours, "❤️")

    assert fresh(ours).reactions == [{"emoji": "❤️", "by": "contact"}]


def test_a_reaction_to_nothing_we_know_does_no_harm(maria, waiting_ticket, log):
    maria.line.hears(intake.wire.Reaction(chat=maria.chat, id="R", target_id="NO", emoji="x", from_me=False))

    assert "message.changed" not in log.kinds()


def test_a_reaction_opens_no_ticket(closed_ticket, maria):
    received = Message.objects.get(ticket=closed_ticket, direction="in")
    maria.reacts(received, "👍")

    assert Ticket.objects.get(id=closed_ticket.id).status == "closed"
    assert Ticket.objects.count() == 1


# --- edits ------------------------------------------------------------------------------------


def test_an_edit_replaces_the_text_and_says_so(question, maria, log):
    maria.edits(question, "Do you have it in green?")

    edited = fresh(question)
    assert edited.text == "Do you have it in green?"
    assert edited.edited_at is not None
    assert edited.version > question.version
    assert log.last("message.changed")["ticket"]["last_message"]["text"] == "Do you have it in green?"


def test_a_deleted_message_is_not_edited(question, maria):
    maria.deletes(question)
    maria.edits(question, "Back again")

    assert fresh(question).text == "Do you have it in blue?"


# --- deletions --------------------------------------------------------------------------------


def test_a_deleted_message_stays_as_a_gap_without_its_words(question, maria, ana):
    maria.deletes(question)

    bubble = bubble_of(question, ana)
    assert bubble["deleted_at"]
    assert (bubble["text"], bubble["media"], bubble["location"]) == ("", None, None)


def test_the_list_does_not_show_the_words_of_a_deleted_message(question, maria, ana):
    maria.deletes(question)

    row = browser(ana).get("tickets/").json()["results"][0]
    assert row["last_message"]["text"] == ""


def test_a_reply_does_not_show_the_words_of_a_deleted_message(question, maria, ana):
    reply = maria.writes("I mean that one", quoted_id=question.wa_id)
    maria.deletes(question)

    bubble = bubble_of(reply, ana)
    assert (bubble["quoted"]["id"], bubble["quoted"]["text"]) == (str(question.id), "")


def test_deleting_twice_is_deleting_once(question, maria, log):
    maria.deletes(question)
    first = fresh(question).deleted_at
    maria.deletes(question)

    assert fresh(question).deleted_at == first
    assert log.kinds().count("message.changed") == 1


def test_our_own_answer_may_be_deleted_on_the_phone(bruno, open_ticket, line, maria):
    ours = deliver(line, answer(open_ticket, "Wrong number", by=bruno))
    maria.deletes(ours)

    assert fresh(ours).deleted_at is not None


# --- files ------------------------------------------------------------------------------------


def test_a_file_shows_at_once_and_loads_later(maria, ana):
    message = maria.sends_file(name="house.jpg", mime="image/jpeg", arrives=None)

    assert message.media.state == "pending"
    assert Download.objects.get().wa_id == message.wa_id


def test_when_it_has_arrived_everybody_is_told(maria, log):
    message = maria.sends_file(name="house.jpg", mime="image/jpeg", arrives=b"12345")

    assert (message.media.state, message.media.size) == ("ready", 5)
    assert log.last("message.changed")["message"]["media"]["state"] == "ready"


def test_a_file_that_cannot_be_fetched_says_so(maria, line, log):
    message = maria.sends_file(name="house.jpg", mime="image/jpeg", arrives=None)
    downloads.fail(line.connection, line.lease, Download.objects.get(), is_permanent=True)
    intake.drain(str(line.connection.id), maria.chat)

    assert fresh(message).media.state == "failed"
    assert log.last("message.changed")["message"]["media"]["state"] == "failed"


def test_a_file_for_a_message_without_one_does_no_harm(maria, line, question, log):
    line.hears(intake.wire.FileArrived(chat=maria.chat, target_id=question.wa_id, path="x"))

    assert fresh(question).media is None


# --- whose it is ------------------------------------------------------------------------------


DOINGS = {
    "edit": lambda who, message: who.edits(message, "Not mine"),
    "deletion": lambda who, message: who.deletes(message),
    "reaction": lambda who, message: who.reacts(message, "👍"),
    "ticks": lambda who, message: who.ticks("read", message.whatsapp_id),
}


@pytest.mark.parametrize("do", DOINGS.values(), ids=DOINGS)
def test_nobody_changes_a_message_of_another_chat(do, bruno, open_ticket, question, line, joao, log):
    """Its id may be known to anybody whom it was forwarded to."""
    joao.writes("Hello")
    ours = deliver(line, answer(open_ticket, "For Maria only", by=bruno))
    told = log.kinds().count("message.changed")
    for message in (question, ours):
        do(joao, message)

    assert log.kinds().count("message.changed") == told
    assert [fresh(message).version for message in (question, ours)] == [question.version, ours.version]


@pytest.mark.parametrize(("from_me", "changes"), [(True, "ours"), (False, "theirs"), (None, "both")])
def test_an_edit_and_a_deletion_are_of_ones_own_message(
    from_me, changes, bruno, open_ticket, question, line, maria
):
    """A gateway that does not say whose it was is believed."""
    ours = deliver(line, answer(open_ticket, "Ours", by=bruno))
    for number, message in enumerate((question, ours)):
        about = {"chat": maria.chat, "target_id": message.whatsapp_id, "from_me": from_me}
        line.hears(wire.Edit(id=f"E{number}", text="Rewritten", **about))
        line.hears(wire.Deletion(id=f"D{number}", **about))

    changed = {"theirs": fresh(question).deleted_at, "ours": fresh(ours).deleted_at}
    assert {name for name, at in changed.items() if at} == {
        "ours": {"ours"},
        "theirs": {"theirs"},
        "both": {"ours", "theirs"},
    }[changes]
    assert (fresh(question).text == "Rewritten") == (changes != "ours")
    assert (fresh(ours).text == "Rewritten") == (changes != "theirs")


def test_one_person_may_speak_of_a_message_in_another_chat_of_theirs(question, maria, line):
    """WhatsApp moves people from their phone to an identity that hides it, in the middle of a ticket."""
    Identity.objects.create(contact=question.ticket.contact, kind="lid", value="98765")
    hidden = Customer("Maria", maria.number, line)
    hidden.chat = "98765@lid"
    hidden.edits(question, "In green, please")

    assert fresh(question).text == "In green, please"


def test_an_entry_of_the_timeline_has_no_name_in_whatsapp(open_ticket, maria):
    entry = Message.objects.filter(ticket=open_ticket, kind="entry").first()
    maria.line.hears(wire.Deletion(chat=maria.chat, id="D", target_id=entry.id.hex))

    assert fresh(entry).deleted_at is None


def test_a_quote_shows_nothing_of_another_customers_message(question, joao, maria):
    answered = joao.writes("What did she ask?", quoted_id=question.wa_id)
    assert (answered.quoted_id, answered.quoted_wa_id) == (None, question.wa_id)

    assert maria.writes("As I asked", quoted_id=question.wa_id).quoted_id == question.id
