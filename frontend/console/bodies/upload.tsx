// How far a file has left, with a way to stop it.
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { discard } from "../sending";
import type { Local } from "../state/shape";

export function UploadProgress({ local }: { local: Local }) {
  const percent = Math.round((local.progress ?? 0) * 100);
  return (
    <span class="upload">
      <progress class="upload-bar" max={100} value={percent} aria-label={t("upload.progress")} />
      <span class="w-9 text-right tabular-nums">{percent}%</span>
      <button
        type="button"
        class="tool tool-sm"
        title={t("upload.cancel")}
        aria-label={t("upload.cancel")}
        onClick={() => discard(local.ticketId, local.ref)}
      >
        <Icon of={icons.x} />
      </button>
    </span>
  );
}
