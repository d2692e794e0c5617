// The page behind a link: the code of the moment for whoever holds the phone, without an account.
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import type { PairingCode, QrCode } from "../api/frames";
import type { ConnectionState } from "../api/shapes";
import { type Code, living, type Pairing } from "../linking/codes";
import { PairingView, PasskeyView } from "../linking/pairing";
import { QrView } from "../linking/qr";
import { Steps } from "../linking/steps";
import { waitBefore } from "../live/backoff";
import { loadLocale, t } from "../locales";

interface LinkBoot {
  live: string;
  locale: string;
}

type Told =
  | { kind: "connection.qr"; at: string; data: QrCode }
  | { kind: "connection.pairing_code"; at: string; data: PairingCode }
  | { kind: "link.state"; at: string; data: { state: ConnectionState } }
  | { kind: "link.over"; at: string; data: { why: string } };

const boot = JSON.parse(document.getElementById("boot")!.textContent!) as LinkBoot;
const state = signal<{ is: ConnectionState; since: string } | null>(null);
const code = signal<Code | undefined>(undefined);
const pairing = signal<Pairing | undefined>(undefined);
const over = signal<string | null>(null);
let attempt = 0;

function open(): void {
  const url = new URL(boot.live, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.onopen = () => (attempt = 0);
  socket.onmessage = (event: MessageEvent<string>) => hear(JSON.parse(event.data) as Told);
  socket.onclose = ({ code: why }) => {
    if (over.value !== null) return;
    if (why === 4404) over.value = "expired";
    else setTimeout(open, waitBefore(attempt++));
  };
}

function hear(told: Told): void {
  const now = Date.now();
  switch (told.kind) {
    case "connection.qr":
      code.value = living(told.data, { at: told.at, now, known: null });
      break;
    case "connection.pairing_code":
      pairing.value = living(told.data, { at: told.at, now, known: null });
      break;
    case "link.state":
      state.value = { is: told.data.state, since: new Date(now).toISOString() };
      break;
    case "link.over":
      over.value = told.data.why;
  }
}

function App() {
  if (over.value !== null) {
    return (
      <p class="font-semibold" role="status">
        {over.value === "linked" ? t("link.linked") : t("link.over")}
      </p>
    );
  }
  switch (state.value?.is) {
    case "scan_qr":
      return (
        <div class="space-y-6">
          <QrView code={code.value} />
          <Steps />
        </div>
      );
    case "pairing_code":
      return <PairingView code={pairing.value} />;
    case "passkey_required":
      return <PasskeyView since={state.value.since} />;
    case "starting":
    case "reconnecting":
    case undefined:
      return <p role="status">{t("link.wait")}</p>;
    case "stopped":
    case "banned":
      return <p role="status">{t("link.resting")}</p>;
    case "syncing":
    case "connected":
      return <p role="status">{t("link.linked")}</p>;
    default:
      return (
        <form method="post" class="space-y-3">
          <p role="status">{t("link.ran_out")}</p>
          <button class="btn btn-primary btn-block">{t("link.again")}</button>
        </form>
      );
  }
}

await loadLocale(boot.locale);
const root = document.getElementById("link")!;
root.replaceChildren();
effect(() => {
  // What links a phone is not left in the page once it is of no use.
  if (over.value !== null) code.value = pairing.value = undefined;
});
render(<App />, root);
open();
