// A picture in full size; the arrow keys walk through the thread's pictures.
import { computed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Message } from "../../api/shapes";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { clock, openThread } from "../desk";
import { lightbox } from "../view";

const pictures = computed(
  () =>
    openThread.value?.messages.filter(
      (message) => message.kind === "image" && message.media?.state === "ready" && !message.deleted_at,
    ) ?? [],
);

export function Lightbox({ message }: { message: Message }) {
  const ref = useRef<HTMLDialogElement>(null);
  const all = pictures.value;
  const at = all.findIndex((each) => each.id === message.id);
  const { media } = message;
  useEffect(() => ref.current!.showModal(), []);
  if (!media) return null;
  const close = () => (lightbox.value = null);
  const step = (by: number) => {
    const next = all[at + by];
    if (next) lightbox.value = next;
  };
  const name = media.name || t("kind.image");
  return (
    <dialog
      ref={ref}
      class="lightbox"
      aria-label={message.text || name}
      onClose={close}
      onClick={(event) => (event.target as Element).matches("dialog, .lightbox-stage") && close()}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") step(-1);
        if (event.key === "ArrowRight") step(1);
      }}
    >
      <header class="lightbox-head">
        <span class="min-w-0 flex-1">
          <span class="block truncate">{clock.full(message.sent_at)}</span>
          {all.length > 1 && (
            <span class="block text-sm soft">
              {at + 1} / {all.length}
            </span>
          )}
        </span>
        <a
          class="tool"
          href={media.url}
          download={name}
          aria-label={t("media.download", { name })}
          title={t("download")}
        >
          <Icon of={icons.download} />
        </a>
        <button type="button" class="tool" aria-label={t("close")} title={t("close")} onClick={close}>
          <Icon of={icons.x} />
        </button>
      </header>
      <div class="lightbox-stage">
        <img key={message.id} src={media.url} alt={message.text || name} />
      </div>
      {at > 0 && (
        <button
          type="button"
          class="lightbox-step left-3"
          aria-label={t("lightbox.before")}
          onClick={() => step(-1)}
        >
          <Icon of={icons.chevronLeft} />
        </button>
      )}
      {at >= 0 && at < all.length - 1 && (
        <button
          type="button"
          class="lightbox-step right-3"
          aria-label={t("lightbox.after")}
          onClick={() => step(1)}
        >
          <Icon of={icons.chevronRight} />
        </button>
      )}
      {message.text && <p class="lightbox-caption">{message.text}</p>}
    </dialog>
  );
}
