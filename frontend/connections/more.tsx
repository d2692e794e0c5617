// Everything else that can be done to a number, behind three dots.
import { useState } from "preact/hooks";
import type { Connection } from "../api/shapes";
import { t } from "../locales";
import { Menu } from "../ui/menu";
import { photograph, start } from "./actions";
import { boot } from "./desk";
import { LogOut, Remove, Rename } from "./dialogs";
import { own } from "./icons";
import { Picture } from "./picture";
import { isLinked, isOver } from "./words";

type Asked = "rename" | "log_out" | "remove" | "picture" | null;

export function More({ connection }: { connection: Connection }) {
  const [asked, ask] = useState<Asked>(null);
  const close = () => ask(null);
  const page = `/t/${boot.tenant.slug}/connections/${connection.id}/`;
  const items = [
    { label: t("connection.history"), icon: own.history, run: () => location.assign(page) },
    { label: t("connection.rename"), icon: own.pencil, run: () => ask("rename") },
  ];
  if (!isOver(connection)) {
    items.push({ label: t("connection.restart"), icon: own.restart, run: () => void start(connection.id) });
  }
  if (connection.state !== "connected") {
    items.push({
      label: t("connection.send_link"),
      icon: own.link,
      run: () => location.assign(`${page}linking/#owner`),
    });
  }
  if (connection.state === "connected" && boot.photographed?.includes(connection.driver)) {
    items.push({
      label: t("connection.picture"),
      icon: own.camera,
      run: () => {
        ask("picture");
        void photograph(connection.id).then((isAsked) => isAsked || close());
      },
    });
  }
  if (isLinked(connection)) {
    items.push({ label: t("connection.log_out"), icon: own.logOut, run: () => ask("log_out") });
  }
  if (isOver(connection)) {
    items.push({ label: t("connection.remove"), icon: own.trash, run: () => ask("remove") });
  }
  return (
    <>
      <Menu label={t("connection.more", { name: connection.name })} items={items} />
      {asked === "rename" && <Rename connection={connection} onClose={close} />}
      {asked === "log_out" && <LogOut connection={connection} onClose={close} />}
      {asked === "remove" && <Remove connection={connection} onClose={close} />}
      {asked === "picture" && <Picture connection={connection} onClose={close} />}
    </>
  );
}
