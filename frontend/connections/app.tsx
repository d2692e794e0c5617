// The page: a line of figures, what to show, all cards; or one number that is being linked.
import { t } from "../locales";
import { Notice } from "../ui/notice";
import { Toasts } from "../ui/toast";
import { CardView } from "./card";
import { chosen } from "./choosing";
import { boot, cards, filter, line, search } from "./desk";
import { Announcer } from "./grip";
import { own } from "./icons";
import { Toolbar, TotalsLine } from "./toolbar";

export function App() {
  return (
    <>
      {line.value === "lost" && (
        <p class="lost-note" role="status">
          {t("line.lost")}
        </p>
      )}
      {boot.only ? <One /> : <All />}
      <Toasts />
    </>
  );
}

function One() {
  const { connections } = cards.value;
  return (
    <ul class="cards">
      {connections
        .filter((each) => each.id === boot.only)
        .map((connection) => (
          <li key={connection.id} class="contents">
            <CardView connection={connection} canMove={false} />
          </li>
        ))}
    </ul>
  );
}

function All() {
  const { connections } = cards.value;
  if (!connections.length) {
    return <Notice icon={own.qr} title={t("connection.none")} text={t("connection.none_text")} />;
  }
  const shown = chosen(connections, filter.value, search.value);
  const canMove = boot.can_manage && shown.length === connections.length && shown.length > 1;
  return (
    <>
      <TotalsLine />
      <Toolbar count={shown.length} />
      {shown.length ? (
        <ul class="cards" aria-label={t("connections.label")}>
          {shown.map((connection) => (
            <li key={connection.id} class="contents" data-connection={connection.id}>
              <CardView connection={connection} canMove={canMove} />
            </li>
          ))}
        </ul>
      ) : (
        <Notice icon={own.qr} title={t("filter.none")} text={t("filter.none_text")} />
      )}
      <Announcer />
    </>
  );
}
