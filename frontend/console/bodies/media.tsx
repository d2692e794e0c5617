// What stands in the place of a file that is not here yet, or will not come.
import type { Media } from "../../api/shapes";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";

/** Null when the file is there to be shown. */
export function MediaState({ media, icon }: { media: Media | null; icon: string }) {
  const isPending = media?.state === "pending";
  return (
    <span class="media-state">
      {isPending ? (
        <span class="loading loading-spinner loading-sm" />
      ) : (
        <Icon of={media ? icons.alert : icon} />
      )}
      <span>{t(isPending ? "media.pending" : "media.failed")}</span>
    </span>
  );
}

export function isReady(media: Media | null): media is Media {
  return media?.state === "ready";
}
