// All cards, and what to say when there is none.
import { t } from "../locales";
import { Notice } from "../ui/notice";
import { Toasts } from "../ui/toast";
import { CardView } from "./card";
import { cards, line } from "./desk";
import { own } from "./icons";

export function App() {
  const { connections } = cards.value;
  return (
    <>
      {line.value === "lost" && (
        <p class="lost-note" role="status">
          {t("line.lost")}
        </p>
      )}
      {connections.length ? (
        <ul class="cards">
          {connections.map((connection) => (
            <li key={connection.id} class="contents">
              <CardView connection={connection} />
            </li>
          ))}
        </ul>
      ) : (
        <Notice icon={own.qr} title={t("connection.none")} text={t("connection.none_text")} />
      )}
      <Toasts />
    </>
  );
}
