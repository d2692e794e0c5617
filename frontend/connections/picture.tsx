// What a link's page looks like now; it comes over the live line, or not at all.
import { useEffect, useState } from "preact/hooks";
import type { Connection } from "../api/shapes";
import { t } from "../locales";
import { Dialog } from "../ui/dialog";
import { cards } from "./desk";

const PATIENCE_MS = 20_000;

export function Picture({ connection, onClose }: { connection: Connection; onClose(): void }) {
  const png = cards.value.pictures.get(connection.id);
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Dialog title={t("picture.title", { name: connection.name })} onClose={onClose} class="sheet-wide">
      {png?.startsWith("data:image/png;base64,") ? (
        <img class="picture" src={png} alt={t("picture.alt", { name: connection.name })} />
      ) : (
        <p class="soft" role="status">
          {isLate ? t("picture.late") : t("picture.wait")}
        </p>
      )}
    </Dialog>
  );
}
