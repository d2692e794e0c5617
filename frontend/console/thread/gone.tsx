// The open ticket went out of sight: who has it now.
import { contactName } from "../../format/contact";
import { t } from "../../locales";
import { icons } from "../../ui/icon";
import { Notice } from "../../ui/notice";
import { change } from "../desk";
import type { Left } from "../state/shape";

export function Gone({ left }: { left: Left }) {
  const name = left.contact ? contactName(left.contact) : t("contact.unnamed");
  const text = left.assignee
    ? t("gone.taken", { contact: name, name: left.assignee.name })
    : t(left.status === "closed" ? "gone.closed" : "gone.moved", { contact: name });
  const title = left.assignee ? t("gone.title_taken", { name: left.assignee.name }) : t("gone.title");
  return (
    <div class="pane-nothing" role="status">
      <Notice icon={icons.handshake} title={title} text={text}>
        <button type="button" class="btn btn-sm" onClick={() => change((s) => ({ ...s, left: null }))}>
          {t("gone.back")}
        </button>
      </Notice>
    </div>
  );
}
