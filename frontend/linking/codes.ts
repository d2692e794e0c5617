// Codes that link a phone, as they are shown: how long each still lives, by this browser's clock. Pure.
import type { PairingCode, QrCode } from "../api/frames";

interface Life {
  /** When it ends and how long it lives, in milliseconds of this browser's clock. */
  endsAt: number;
  life: number;
}
export type Code = QrCode & Life;
export type Pairing = PairingCode & Life;

/** The server's clock and ours may differ, so its "now" (`at`) tells how long the code still lives. */
export function living<T extends { expires_at: string }>(
  code: T,
  { at, now, known }: { at: string | undefined; now: number; known: (T & Life) | null },
): T & Life {
  const left = Math.max(0, Date.parse(code.expires_at) - (at ? Date.parse(at) : now));
  return { ...code, endsAt: now + left, life: known ? known.life : left };
}

/** "ABCD1234" as it is read and typed: "ABCD-1234". */
export function spelled(code: string): string {
  return code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
}
