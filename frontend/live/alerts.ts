// Numbers that go down or come back are told at once, on whatever page those who manage them have open.
import type { Frame } from "../api/frames";
import { t } from "../locales";
import { toast } from "../ui/toast";

export function tellAlert(frame: Frame, page: string): void {
  if (frame.kind === "connection.down") {
    toast(t("alert.down", { name: frame.data.connection.name }), {
      tone: "error",
      action: { label: t("alert.look"), run: () => location.assign(page + frame.data.connection.id + "/") },
    });
  } else if (frame.kind === "connection.recovered") {
    toast(t("alert.recovered", { name: frame.data.connection.name }), { tone: "success" });
  }
}
