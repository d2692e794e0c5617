// The files about to be sent, each with a way out.
import { fileSize } from "../../format/size";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { family, markOf } from "../bodies/document";
import { boot } from "../desk";
import type { Picked } from "../files";
import { picked, remove } from "./attachments";

export function Tray() {
  if (!picked.value.length) return null;
  return (
    <ul class="tray" aria-label={t("composer.files")}>
      {picked.value.map((each) => (
        <li key={each.id} class="tray-file">
          <Thumb picked={each} />
          <span class="min-w-0 flex-1">
            <span class="block truncate text-sm font-medium">{each.file.name}</span>
            <span class="block text-xs soft">{fileSize(each.file.size, boot.locale)}</span>
          </span>
          <button
            type="button"
            class="tool tool-sm"
            aria-label={t("composer.remove_file", { name: each.file.name })}
            onClick={() => remove(each.id)}
          >
            <Icon of={icons.x} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Thumb({ picked: { file, preview } }: { picked: Picked }) {
  if (preview && file.type.startsWith("image/")) return <img class="tray-thumb" src={preview} alt="" />;
  if (preview) return <video class="tray-thumb" src={preview} muted preload="metadata" />;
  return (
    <span class={`file-mark file-${family(file.type, file.name)}`}>
      <Icon of={markOf(file.type, file.name)} />
    </span>
  );
}
