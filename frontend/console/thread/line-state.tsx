// Below the header, only when it matters: this ticket's connection is not connected.
import { computed } from "@preact/signals";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { me, state } from "../desk";

const connections = computed(() => state.value.connections);

export function LineState({ connectionId }: { connectionId: string }) {
  const connection = connections.value.find((each) => each.id === connectionId);
  if (!connection || connection.state === "connected") return null;
  const mayFix = me.value?.rights.can_manage_connections;
  const isComing = ["starting", "syncing", "reconnecting"].includes(connection.state);
  return (
    <p class={`line-state ${isComing ? "line-state-coming" : ""}`} role="status">
      {isComing ? <span class="loading loading-spinner loading-xs" /> : <Icon of={icons.offline} />}
      <span>
        {t(isComing ? "thread.connection_coming" : "thread.connection_down", { name: connection.name })}{" "}
        {!isComing && !mayFix && t("thread.ask_manager")}
      </span>
    </p>
  );
}
