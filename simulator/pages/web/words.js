// The client's own tables of words: levels of ticks, reasons, types.

export const ACK = {
  MD_DOWNGRADE: -7,
  INACTIVE: -6,
  CONTENT_UNUPLOADABLE: -5,
  CONTENT_TOO_BIG: -4,
  CONTENT_GONE: -3,
  EXPIRED: -2,
  FAILED: -1,
  CLOCK: 0,
  SENT: 1,
  RECEIVED: 2,
  READ: 3,
  PLAYED: 4,
  PEER: 5,
};

export const ACK_STRING = { SENDER: "sender", DELIVERY: "delivery", READ: "read", PLAYED: "played" };
export const EDIT_ATTR = { SENDER_REVOKE: 7, ADMIN_REVOKE: 8 };
export const MSG_TYPE = { CHAT: "chat", REVOKED: "revoked", CALL_LOG: "call_log", PROTOCOL: "protocol" };
export const SendMsgResult = { OK: "OK", ERROR_UNKNOWN: "ERROR_UNKNOWN" };

export const LogoutReason = {
  UserInitiated: "user_initiated",
  UnknownCompanion: "unknown_companion",
  AccountLocked: "account_locked",
  ClientVersionOutdated: "client_version_outdated",
};
