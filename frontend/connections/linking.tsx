// Linking a phone: the code of the moment, whatever its kind, and what to do on the phone.
import type { Connection } from "../api/shapes";
import { PairingView, PasskeyView } from "../linking/pairing";
import { QrView } from "../linking/qr";
import { Steps } from "../linking/steps";
import { t } from "../locales";
import { boot, cards } from "./desk";

export function Linking({ connection }: { connection: Connection }) {
  if (!boot.can_manage) return <p class="card-text">{t("qr.managers_only")}</p>;
  const { id, state } = connection;
  if (state === "passkey_required") return <PasskeyView since={connection.state_at} />;
  if (state === "pairing_code") return <PairingView code={cards.value.pairing.get(id)} />;
  return (
    <div class="linking">
      <QrView code={cards.value.codes.get(id)} />
      <Steps />
    </div>
  );
}
