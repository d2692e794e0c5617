"""What the bridge tells becomes values of ours; what is malformed is kept as it came."""

from datetime import UTC, datetime

import pytest

from connections import wire
from connections.drivers.browser.parsing import parse_event, parse_past, parse_typing

CHAT = "5511987654321@c.us"
MESSAGE = {
    "from_me": False,
    "chat": CHAT,
    "id": "3EB0AA",
    "participant": "",
    "key": f"false_{CHAT}_3EB0AA",
    "type": "chat",
    "subtype": "",
    "text": "Oi",
    "t": 1_767_225_600,
    "ack": 1,
    "author": "",
    "name": "Maria",
    "quoted": "",
    "phone": "",
}
FILE = {"mime": "image/png", "name": "a.png", "size": 3, "seconds": None, "width": 4, "height": 5}


def told(**change):
    (happening,) = parse_event("message", MESSAGE | change)
    return happening


def test_a_message_is_understood():
    assert told() == wire.Message(
        chat=CHAT,
        id="3EB0AA",
        from_me=False,
        sent_at=datetime(2026, 1, 1, tzinfo=UTC),
        message_kind="text",
        text="Oi",
        sender_name="Maria",
    )


def test_a_group_names_its_author_and_a_chat_does_not():
    group = told(chat="120363000000000001@g.us", author="111@lid")
    assert (group.chat, group.author) == ("120363000000000001@g.us", "111@lid")
    assert told(author=CHAT).author == ""


def test_a_hidden_id_stays_what_it_is_beside_the_number_where_one_is_known():
    assert (told(chat="99@lid", phone="5511666665555").chat, told(chat="99@lid").phone) == ("99@lid", "")
    assert told(chat="99@lid", phone="5511666665555").phone == "+5511666665555"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("chat", "text"),
        ("image", "image"),
        ("gif", "video"),
        ("ptt", "voice"),
        ("vcard", "contact"),
        ("poll_creation", "unsupported"),
        ("ciphertext", "unsupported"),
        ("something_new", "unsupported"),
    ],
)
def test_kinds(theirs, ours):
    assert told(type=theirs).message_kind == ours


@pytest.mark.parametrize("kind", ["protocol", "e2e_notification", "gp2", "call_log", "reaction"])
def test_what_nobody_wrote_is_no_message(kind):
    assert parse_event("message", MESSAGE | {"type": kind}) == []


@pytest.mark.parametrize("chat", ["status@broadcast", "1203@newsletter"])
def test_what_is_no_chat_is_no_message(chat):
    assert parse_event("message", MESSAGE | {"chat": chat}) == []


def test_a_file_is_named_by_the_whole_key_by_which_it_is_fetched():
    message = told(type="image", text="Veja", file=FILE)
    assert message.media.id == f"false_{CHAT}_3EB0AA"
    assert (message.text, message.media.size, message.media.width) == ("Veja", 3, 4)


def test_a_files_own_name_is_no_caption():
    assert told(type="document", text="a.png", file=FILE).text == ""


def test_a_contact_card_is_read_as_people_read_it():
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Sá\nitem1.TEL;waid=5511:+55 11 97777-6666\nEND:VCARD"
    assert (
        told(type="vcard", cards=[card, card]).text
        == "Ana Sá\n+55 11 97777-6666\n\nAna Sá\n+55 11 97777-6666"
    )


def test_a_place_that_is_not_on_earth_is_kept_as_it_came():
    (happening,) = parse_event("message", MESSAGE | {"type": "location", "place": {"lat": 99, "lng": 0}})
    assert isinstance(happening, wire.Unknown)
    place = {"lat": -22.9, "lng": -43.2, "name": "Cristo\nRio"}
    assert told(type="location", place=place).place.address == "Rio"


@pytest.mark.parametrize("broken", [{"id": ""}, {"chat": None, "id": None}, {"t": "x", "file": {"mime": 1}}])
def test_nonsense_does_not_raise(broken):
    assert len(parse_event("message", MESSAGE | broken)) <= 1


def test_half_a_character_and_a_null_do_not_reach_the_database():
    assert told(text="a\ud83db\x00").text == "a\N{REPLACEMENT CHARACTER}b"


def test_acks_are_of_our_own_messages_and_by_bare_id():
    ack = {"chat": "1@g.us", "level": 3, "ids": ["3EB0AA", "3EB0BB"], "from_me": [True, False]}
    assert parse_event("ack", ack) == [wire.Ticks(chat="1@g.us", ids=("3EB0AA",), level="read")]


@pytest.mark.parametrize(
    ("level", "ours"),
    [(-7, "failed"), (-1, "failed"), (1, "sent"), (2, "delivered"), (3, "read"), (4, "played")],
)
def test_levels(level, ours):
    (ticks,) = parse_event("ack", {"chat": CHAT, "level": level, "ids": ["A"], "from_me": [True]})
    assert ticks.level == ours


@pytest.mark.parametrize("level", [0, 5, 99])
def test_levels_that_say_nothing_to_people_are_not_told(level):
    assert parse_event("ack", {"chat": CHAT, "level": level, "ids": ["A"], "from_me": [True]}) == []


def test_reactions_edits_and_deletions_name_the_bare_id_of_their_message():
    base = {"chat": CHAT, "id": "3EB0AA", "from_me": False, "event": "3EB0EE"}
    assert parse_event("reaction", base | {"by_me": True, "emoji": "👍"}) == [
        wire.Reaction(chat=CHAT, id="3EB0EE", target_id="3EB0AA", emoji="👍", from_me=True)
    ]
    assert parse_event("edit", base | {"text": "Certo"}) == [
        wire.Edit(chat=CHAT, id="3EB0EE", target_id="3EB0AA", text="Certo", from_me=False)
    ]
    assert parse_event("revoke", base) == [
        wire.Deletion(chat=CHAT, id="3EB0AA", target_id="3EB0AA", from_me=False)
    ]


def test_what_we_do_not_know_is_kept():
    (unknown,) = parse_event("oversized", {"name": "message", "id": "3EB0AA", "chat": CHAT})
    assert (unknown.chat, unknown.raw["data"]["id"]) == (CHAT, "3EB0AA")


def test_the_past_says_so_and_brings_ticks_that_were_missed():
    message, ticks = parse_past(MESSAGE | {"from_me": True, "ack": 3})
    assert (message.is_past, message.from_me) == (True, True)
    assert ticks == wire.Ticks(chat=CHAT, ids=("3EB0AA",), level="read")
    assert len(parse_past(MESSAGE | {"ack": 3})) == 1
    (deletion,) = parse_past(MESSAGE | {"type": "revoked"})
    assert isinstance(deletion, wire.Deletion)


@pytest.mark.parametrize(
    ("state", "activity"), [("composing", "typing"), ("recording", "recording"), ("available", "paused")]
)
def test_presence_is_what_somebody_does(state, activity):
    assert parse_typing({"chat": CHAT, "state": state}) == wire.Typing(chat=CHAT, activity=activity)
    assert parse_typing({"chat": "status@broadcast", "state": state}) is None
