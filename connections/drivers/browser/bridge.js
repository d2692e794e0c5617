/* Our end inside the page: what WhatsApp Web tells is kept here, numbered, until it is confirmed; what we
   ask for is done here through wa-js. Objects of the page never leave it: only plain values do. */
((limits) => {
  'use strict';
  if (window.__desk) return;
  const { brand, ringSize, eventBytes, textLength } = limits;

  // --- small words ----------------------------------------------------------------------------
  const text = (value) => (value === undefined || value === null ? '' : String(value));
  const cut = (value) => text(value).slice(0, textLength);
  const quietly = (read, otherwise) => {
    try {
      const value = read();
      return value === undefined ? otherwise : value;
    } catch {
      return otherwise;
    }
  };
  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const idParts = (serialized) => {
    const [fromMe, chat, id, participant] = text(serialized).split('_');
    return { from_me: fromMe === 'true', chat, id: id || '', participant: participant || '' };
  };

  // --- the ring: events with rising numbers, kept until confirmed -------------------------------
  const ring = [];
  let last = 0;
  let lost = 0;
  let ringing = null;
  const push = (name, data) => {
    let told = JSON.stringify([++last, name, data]);
    if (told.length > eventBytes) told = JSON.stringify([last, 'oversized', { name, id: text(data && data.id), chat: text(data && data.chat) }]);
    ring.push({ number: last, told });
    while (ring.length > ringSize) {
      ring.shift();
      lost += 1;
    }
    if (ringing) ringing();
  };
  const take = async (after, milliseconds, atMost) => {
    const waiting = () => ring.filter((event) => event.number > after);
    let found = waiting();
    if (!found.length) {
      await Promise.race([new Promise((resolve) => (ringing = resolve)), wait(milliseconds)]);
      ringing = null;
      found = waiting();
    }
    const told = { lost, events: '[' + found.slice(0, atMost).map((event) => event.told).join(',') + ']' };
    lost = 0;
    return told;
  };
  const confirm = (number) => {
    while (ring.length && ring[0].number <= number) ring.shift();
    return ring.length;
  };

  // --- messages as plain values -----------------------------------------------------------------
  const contactsOf = (message) => {
    const cards = message.vcardList && message.vcardList.length ? message.vcardList.map((card) => card.vcard) : [message.body];
    return cards.slice(0, 20).map((card) => cut(card).slice(0, 4000));
  };
  const HAS_FILE = new Set(['image', 'video', 'audio', 'ptt', 'ptv', 'document', 'sticker', 'gif']);
  const plain = (message) => {
    const key = idParts(message.id);
    const data = {
      ...key,
      key: text(message.id),
      type: text(message.type),
      subtype: text(message.subtype),
      text: message.type === 'chat' ? cut(message.body) : cut(message.caption),
      t: message.t,
      ack: message.ack,
      author: text(message.author || key.participant),
      name: text(message.notifyName).slice(0, 200),
      quoted: text(message.quotedStanzaID || quietly(() => idParts(message.quotedMsgId).id, '')),
      phone: phones.get(key.chat) || '',
    };
    if (HAS_FILE.has(message.type)) {
      data.file = {
        mime: text(message.mimetype),
        name: text(message.filename),
        size: message.size,
        seconds: Number(message.duration) || null,
        width: message.width,
        height: message.height,
      };
    }
    if (message.type === 'location') data.place = { lat: message.lat, lng: message.lng, name: text(message.loc).slice(0, 600) };
    if (message.type === 'vcard' || message.type === 'multi_vcard') data.cards = contactsOf(message);
    return data;
  };

  // --- numbers behind hidden ids: asked for once, never polled ----------------------------------
  const phones = new Map();
  const findPhone = async (chat) => {
    if (!chat.endsWith('@lid') || phones.has(chat)) return;
    phones.set(chat, '');
    const entry = await quietly(() => WPP.contact.getPnLidEntry(chat), null);
    const number = entry && entry.phoneNumber;
    if (number) phones.set(chat, text(number.user || number.id || text(number).split('@')[0]));
    else setTimeout(() => phones.delete(chat), 600000);
  };

  // --- presence: only of chats that are being worked on -----------------------------------------
  const watched = [];
  const watch = (chat) => {
    if (chat.endsWith('@g.us') || watched.includes(chat)) return;
    watched.push(chat);
    if (watched.length > 50) quietly(() => WPP.contact.unsubscribePresence(watched.shift()), null);
    quietly(() => WPP.contact.subscribePresence(chat).catch(() => null), null);
  };

  // --- what WhatsApp Web tells ------------------------------------------------------------------
  const undecrypted = new Map();
  const tellMessage = async (message) => {
    const key = text(message.id);
    const { chat } = idParts(key);
    if (message.type === 'ciphertext') {
      // It is told again once it can be read; if it never can, people should know that something came.
      undecrypted.set(key, setTimeout(() => undecrypted.delete(key) && push('message', { ...plain(message), type: 'ciphertext' }), 60000));
      return;
    }
    const overdue = undecrypted.get(key);
    if (overdue) {
      clearTimeout(overdue);
      undecrypted.delete(key);
    }
    await findPhone(chat).catch(() => null);
    if (!message.id.fromMe && !text(message.author)) watch(chat);
    push('message', plain(message));
  };
  // Messages wait for the number behind their chat: what follows must not overtake them.
  let turn = Promise.resolve();
  const inTurn = (work) => (turn = turn.then(work).catch((failed) => push('failed', { message: text(failed).slice(0, 300) })));

  const backendEvent = ([first, second]) => {
    const isNamed = first && typeof first === 'object';
    const values = isNamed ? (first.args || [])[0] || {} : second || {};
    return { name: text(isNamed ? first.name || first.event : first), seconds: Number(values.expiresIn) || null };
  };

  const listenTo = {
    'chat.new_message': (message) => inTurn(() => tellMessage(message)),
    'chat.msg_ack_change': (told) =>
      inTurn(() => push('ack', { chat: text(told.chat), level: told.ack, ids: told.ids.map((id) => idParts(id).id), from_me: told.ids.map((id) => idParts(id).from_me) })),
    'chat.msg_revoke': (told) => inTurn(() => push('revoke', { ...idParts(told.refId), event: idParts(told.id).id })),
    'chat.msg_edited': (told) =>
      inTurn(() => push('edit', { ...idParts(told.id), text: cut(told.msg.caption || told.msg.body), event: idParts(told.msg.latestEditMsgKey).id || `${idParts(told.id).id}-${Date.now()}` })),
    'chat.new_reaction': (told) =>
      inTurn(() => push('reaction', { ...idParts(told.msgId), event: idParts(told.id).id, by_me: idParts(told.id).from_me, emoji: text(told.reactionText) })),
    'chat.presence_change': (told) =>
      push('presence', { chat: text(told.id), state: text(told.state || quietly(() => told.participants[0].state, '')) }),
    'conn.auth_code_change': (code) => see({ qr: code ? code.fullCode : '' }),
    'conn.qrcode_idle': () => see({ idle: Date.now() }),
    'conn.link_code_change': (code) => push('link_code', { code: text(code) }),
    'conn.link_code_expired': () => push('link_code_expired', {}),
    'conn.link_code_error': (failed) => push('link_code_error', { message: text(failed && failed.message) }),
    'conn.logout': () => see({ logged_out: true }),
    'conn.logout_reason': (reason) => see({ logout_reason: text(reason && reason.reason ? reason.reason : reason) }),
    'conn.needs_update': () => see({ needs_update: true }),
    'conn.backend_event': (...told) => push('backend', backendEvent(told)),
  };

  // --- how the link is: told whenever it changes ------------------------------------------------
  const seen = { qr: '', idle: 0, logged_out: false, logout_reason: '', needs_update: false };
  let lastState = '';
  const state = () => {
    const stream = quietly(() => WPP.conn.getStreamData(), {}) || {};
    return {
      ...seen,
      authenticated: quietly(() => Boolean(WPP.conn.isAuthenticated()), false),
      mode: text(stream.mode),
      info: text(stream.info),
      online: quietly(() => Boolean(WPP.conn.isOnline()), false),
      socket: text(quietly(() => WPP.whatsapp.Socket.state, '')),
      needs_update: seen.needs_update || quietly(() => Boolean(WPP.conn.needsUpdate()), false),
      me: text(quietly(() => WPP.conn.getMyUserId(), '')),
      name: text(quietly(() => WPP.profile.getMyProfileName(), '') || quietly(() => WPP.whatsapp.Conn.pushname, '')).slice(0, 200),
      version: text(quietly(() => WPP.conn.getBuildConstants().VERSION_STR, '')),
    };
  };
  const look = () => {
    const now = state();
    const told = JSON.stringify(now);
    if (told === lastState) return;
    lastState = told;
    push('state', now);
  };
  const see = (change) => {
    Object.assign(seen, change);
    look();
  };

  // --- finding messages by their bare ids -------------------------------------------------------
  const inMemory = (chat, id, fromMe) => {
    const models = quietly(() => WPP.chat.get(chat).msgs.getModelsArray(), []) || [];
    return models.find((one) => one.id.id === id && (fromMe === null || one.id.fromMe === fromMe));
  };
  const locate = async (chat, id, fromMe = null) => {
    const here = inMemory(chat, id, fromMe);
    if (here) return here;
    for (const mine of fromMe === null ? [true, false] : [fromMe]) {
      const key = mine ? await ownKey(chat, id) : `false_${chat}_${id}`;
      const found = await WPP.chat.getMessageById(key).catch(() => null);
      if (found) return found;
    }
    return null;
  };
  const located = async (chat, id, fromMe = null) => {
    const found = await locate(chat, id, fromMe);
    if (!found) throw Object.assign(new Error(`no message ${id}`), { code: 'msg_not_found' });
    return found;
  };
  // As WhatsApp Web would name a message of ours in this chat, with our own id in it.
  const ownKey = async (chat, id) => {
    if (!chat.endsWith('@g.us')) return `true_${chat}_${id}`;
    const model = text(await WPP.chat.generateMessageID(chat)).split('_');
    model[2] = id;
    return model.join('_');
  };
  // A chat that is not there yet is begun, where somebody is behind the number.
  const chatOf = async (chat) => {
    const known = WPP.chat.get(chat);
    if (known) return known;
    if (chat.endsWith('@c.us') && !(await WPP.contact.queryWidExists(chat))) throw Object.assign(new Error(`nobody is ${chat}`), { code: 'chat_not_found' });
    return WPP.chat.find(chat);
  };

  // --- what we ask for --------------------------------------------------------------------------
  const options = async (chat, asked) => {
    const given = { createChat: true, linkPreview: false, markIsRead: false, waitForAck: true, messageId: await ownKey(chat, asked.id) };
    if (asked.quoted) {
      const quoted = await locate(chat, asked.quoted);
      if (quoted) given.quotedMsg = text(quoted.id);
    }
    return given;
  };
  const answer = async (sent) => {
    const result = await Promise.resolve(sent.sendMsgResult).catch(() => null);
    const word = result && (result.messageSendResult || result);
    return { id: idParts(sent.id).id, ack: sent.ack, result: typeof word === 'string' ? word : 'OK' };
  };
  const send = {
    text: (chat, asked, given) => WPP.chat.sendTextMessage(chat, asked.text, given),
    location: (chat, asked, given) =>
      WPP.chat.sendLocationMessage(chat, { ...given, lat: asked.place.latitude, lng: asked.place.longitude, name: asked.place.name || undefined, address: asked.place.address || undefined }),
    contact: (chat, asked, given) => WPP.chat.sendVCardContactMessage(chat, { id: asked.contact.id, name: asked.contact.name }, given),
    file: async (chat, asked, given) => {
      const input = document.getElementById(asked.input);
      try {
        return await WPP.chat.sendFileMessage(chat, input.files[0], { ...given, ...asked.file, waveform: asked.file.isPtt || undefined });
      } finally {
        input.remove();
      }
    },
  };

  const asks = {
    state: async () => state(),
    take,
    confirm: async (number) => confirm(number),
    refreshQr: async () => Boolean(await WPP.conn.refreshQR()),
    pair: async (digits) => WPP.conn.startLinkDeviceCodeForPhoneNumber(digits, true),
    takeOver: async () => quietly(() => WPP.whatsapp.Socket.takeover(), null),
    logOut: async () => WPP.conn.logout(),
    known: async (chat, id) => {
      const found = await locate(chat, id, true);
      return found ? { id, ack: found.ack, type: found.type, text: cut(found.body) } : null;
    },
    fileInput: async (id) => {
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', id, hidden: true });
      document.body.append(input);
      return true;
    },
    send: async (chat, asked) => {
      // Asked for before? Then it is there already, and must not be sent twice.
      await chatOf(chat);
      const before = asked.is_repeat ? await locate(chat, asked.id, true) : inMemory(chat, asked.id, true);
      if (before && before.ack >= 0) return { id: asked.id, ack: before.ack, result: 'OK' };
      watch(chat);
      return answer(await send[asked.what](chat, asked, await options(chat, asked)));
    },
    react: async (chat, id, fromMe, emoji) => {
      const target = await located(chat, id, fromMe);
      await WPP.chat.sendReactionToMessage(text(target.id), emoji || false);
      return true;
    },
    reacted: async (chat, id) => {
      const target = await located(chat, id);
      const found = await WPP.chat.getReactions(text(target.id));
      return text(found && found.reactionByMe && found.reactionByMe.reactionText);
    },
    edit: async (chat, id, body) => {
      const target = await located(chat, id, true);
      await WPP.chat.editMessage(text(target.id), body, { linkPreview: false, markIsRead: false });
      return true;
    },
    revoke: async (chat, id) => {
      const target = await located(chat, id, true);
      await WPP.chat.deleteMessage(chat, text(target.id), false, true);
      return true;
    },
    forward: async (chat, fromChat, id, fromMe) => {
      const target = await located(fromChat, id, fromMe);
      await chatOf(chat);
      const before = new Set(quietly(() => WPP.chat.get(chat).msgs.getModelsArray(), []).map((one) => text(one.id)));
      const failed = await WPP.chat.forwardMessages(chat, [text(target.id)]);
      if (failed && failed.length) throw Object.assign(new Error('not forwarded'), { code: 'not_forwarded' });
      for (let tries = 0; tries < 50; tries += 1) {
        const models = quietly(() => WPP.chat.get(chat).msgs.getModelsArray(), []);
        const made = models.find((one) => one.id.fromMe && !before.has(text(one.id)));
        if (made) return { id: made.id.id };
        await wait(100);
      }
      return { id: '' };
    },
    markRead: async (chat) => Boolean(await WPP.chat.markIsRead(chat)),
    unread: async (chat) => quietly(() => WPP.chat.get(chat).unreadCount, 0),
    show: async (chat, activity) => {
      await chatOf(chat);
      watch(chat);
      const act = { typing: 'markIsComposing', recording: 'markIsRecording' }[activity] || 'markIsPaused';
      await WPP.chat[act](chat);
      return true;
    },
    lookUp: async (wid) => {
      const found = await WPP.contact.queryWidExists(wid);
      return found ? { chat: text(found.wid), lid: text(found.lid) } : null;
    },
    probe: async () => {
      // wa-js answers for contacts it knows from memory; WhatsApp Web's own query goes over the line.
      const { queryWidExists } = WPP.whatsapp.functions;
      return Boolean(await queryWidExists(WPP.conn.getMyUserId()));
    },
    picture: async (chat) => text(await WPP.contact.getProfilePictureUrl(chat, true)),
    offer: async (key, name) => {
      const blob = await WPP.chat.downloadMedia(key);
      return handOut(blob, name);
    },
    offerAddress: async (address, name) => {
      const response = await fetch(address);
      if (!response.ok) throw Object.assign(new Error(`${response.status}`), { code: 'picture_gone' });
      return handOut(await response.blob(), name);
    },
    chats: async (since) => {
      const chats = await WPP.chat.list({ ignoreGroupMetadata: true });
      return chats
        .filter((chat) => (chat.t || 0) >= since || chat.unreadCount)
        .map((chat) => text(chat.id))
        .filter((id) => /@(c\.us|lid|g\.us)$/.test(id));
    },
    since: async (chat, seconds, atMost) => {
      await findPhone(chat).catch(() => null);
      return JSON.stringify((await messagesSince(chat, seconds, atMost)).map(plain));
    },
  };

  const handOut = (blob, name) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return blob.size;
  };

  const messagesSince = async (chat, seconds, atMost) => {
    const found = new Map();
    const keep = (message) => (message.t || 0) >= seconds && found.set(text(message.id), message);
    const model = WPP.chat.get(chat);
    const loaded = quietly(() => model.msgs.getModelsArray(), []) || [];
    loaded.forEach(keep);
    let anchor = text(model.lastReceivedKey || (loaded.length ? loaded[0].id : ''));
    while (anchor && found.size < atMost) {
      const page = await WPP.chat.getMessages(chat, { count: 50, direction: 'before', id: anchor });
      page.forEach(keep);
      const oldest = page.reduce((one, other) => (!one || other.t < one.t ? other : one), null);
      if (!oldest || (oldest.t || 0) < seconds || text(oldest.id) === anchor) break;
      anchor = text(oldest.id);
    }
    return [...found.values()].sort((one, other) => (one.t || 0) - (other.t || 0)).slice(-atMost);
  };

  // One door for everything we ask: refusals come back as values, not as lost exceptions.
  const call = async (name, given) => {
    try {
      return { ok: true, value: await asks[name](...given) };
    } catch (failed) {
      return { ok: false, code: text(failed && failed.code), message: text((failed && failed.message) || failed).slice(0, 300) };
    }
  };

  for (const [name, tell] of Object.entries(listenTo)) WPP.on(name, tell);
  quietly(() => WPP.conn.setKeepAlive(true), null);
  quietly(() => WPP.conn.getAuthCode().then((code) => code && see({ qr: code.fullCode })).catch(() => null), null);
  setInterval(look, 500);
  look();
  Object.defineProperty(window, '__desk', { value: { call, brand }, enumerable: false });
})
