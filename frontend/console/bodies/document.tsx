// Files to download: what they are, how large.
import { fileSize } from "../../format/size";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { boot } from "../desk";
import type { BodyProps } from "./props";
import { isReady } from "./media";
import { Caption } from "./text";

export function DocumentBody({ message }: BodyProps) {
  const { media } = message;
  const name = media?.name || t("kind.document");
  const state = !media || media.state === "failed" ? t("media.failed") : t("media.pending");
  const size = media?.size ? fileSize(media.size, boot.locale) : "";
  const inner = (
    <>
      <span class={`file-mark file-${family(media?.mime ?? "", name)}`}>
        <Icon of={markOf(media?.mime ?? "", name)} />
      </span>
      <span class="min-w-0 flex-1">
        <span class="file-name">{name}</span>
        <span class="file-facts">
          {[extension(name), size, isReady(media) || !message.version ? "" : state]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </span>
      {isReady(media) && <Icon of={icons.download} class="opacity-50" />}
    </>
  );
  return (
    <>
      {isReady(media) ? (
        <a class="file-card" href={media.url} download={name} title={t("media.download", { name })}>
          {inner}
        </a>
      ) : (
        <div class="file-card">{inner}</div>
      )}
      <Caption message={message} />
    </>
  );
}

function extension(name: string): string {
  return /\.(\w{1,5})$/.exec(name)?.[1]?.toUpperCase() ?? "";
}

export function family(mime: string, name: string): "pdf" | "sheet" | "archive" | "other" {
  if (mime === "application/pdf") return "pdf";
  if (/sheet|excel|csv/.test(mime) || /\.(xlsx?|csv|ods)$/i.test(name)) return "sheet";
  return /zip|rar|7z|tar|gzip/.test(mime) ? "archive" : "other";
}

export function markOf(mime: string, name: string): string {
  const kind = family(mime, name);
  return kind === "sheet" ? icons.fileSheet : kind === "archive" ? icons.fileArchive : icons.file;
}
