"""What the browser driver asks of wa-js is in the installed bundle: every function, every event."""

import re

import pytest
from wa_web import BUNDLE, CONFIG

FUNCTIONS = """
conn.cancelLinkDeviceCode conn.genLinkDeviceCodeForPhoneNumber conn.getAuthCode conn.getBuildConstants
conn.getHistorySyncProgress conn.getMyDeviceId conn.getMyUserId conn.getMyUserLid conn.getMyUserWid
conn.getPlatform conn.getStreamData conn.isAuthenticated conn.isIdle conn.isMainInit conn.isMainLoaded
conn.isMainReady conn.isOnline conn.isRegistered conn.logout conn.markAvailable conn.markUnavailable
conn.needsUpdate conn.refreshLinkDeviceCode conn.refreshQR conn.setKeepAlive
conn.startLinkDeviceCodeForPhoneNumber
profile.getMyProfileName
chat.deleteMessage chat.downloadMedia chat.editMessage chat.find chat.forwardMessages chat.get
chat.generateMessageID chat.getMessageACK chat.getMessageById chat.getMessages chat.list
chat.markIsComposing chat.markIsPaused chat.markIsRead chat.markIsRecording chat.markIsUnread
chat.markPlayed chat.sendFileMessage chat.sendLocationMessage chat.sendReactionToMessage
chat.sendTextMessage chat.sendVCardContactMessage
contact.get contact.getPnLidEntry contact.getProfilePictureUrl contact.queryWidExists
contact.subscribePresence
group.getAllGroups group.getParticipants
call.reject
on off onAny
"""

EVENTS = """
conn.auth_code_change conn.authenticated conn.backend_event conn.link_code_change conn.link_code_error
conn.link_code_expired conn.logout conn.logout_reason conn.main_init conn.main_loaded conn.main_ready
conn.needs_update conn.online conn.qrcode_idle conn.require_auth conn.stream_info_changed
conn.stream_mode_changed
chat.msg_ack_change chat.msg_edited chat.msg_revoke chat.new_chat chat.new_message chat.new_reaction
chat.presence_change chat.unread_count_changed
group.participant_changed call.incoming_call
"""


@pytest.mark.asyncio(loop_scope="module")
async def test_every_function_that_the_driver_calls_is_there(profile):
    page = profile.pages[0]
    await page.evaluate(CONFIG + BUNDLE.read_text())
    kinds = await page.evaluate(
        "(names) => names.map((name) => typeof name.split('.').reduce((found, part) => found?.[part], WPP))",
        FUNCTIONS.split(),
    )
    assert [name for name, kind in zip(FUNCTIONS.split(), kinds, strict=True) if kind != "function"] == []


def test_every_event_that_the_driver_listens_to_is_told():
    told = set(re.findall(r'emit(?:Async)?\("([a-z]+\.[a-z_]+)"', BUNDLE.read_text()))
    assert [name for name in EVENTS.split() if name not in told] == []
