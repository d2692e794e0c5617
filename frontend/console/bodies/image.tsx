// Pictures and stickers.
import { t } from "../../locales";
import { icons } from "../../ui/icon";
import { previewOf } from "../files";
import { lightbox } from "../view";
import type { BodyProps } from "./props";
import { shownSize } from "./measures";
import { isReady, MediaState } from "./media";
import { Caption } from "./text";

export function ImageBody({ message }: BodyProps) {
  const { media } = message;
  const size = shownSize(media?.width ?? null, media?.height ?? null);
  const source = previewOf(message.client_ref) ?? (isReady(media) ? media.url : null);
  const frame = { width: `${size.width}px`, aspectRatio: `${size.width} / ${size.height}` };
  return (
    <>
      {source ? (
        <button
          type="button"
          class="media-frame"
          style={frame}
          aria-label={t("media.open_image", { name: message.text || media?.name || t("kind.image") })}
          onClick={() => isReady(media) && (lightbox.value = message)}
        >
          <img src={source} alt="" width={size.width} height={size.height} loading="lazy" decoding="async" />
        </button>
      ) : (
        <div class="media-frame" style={frame}>
          <MediaState media={media} icon={icons.image} />
        </div>
      )}
      <Caption message={message} />
    </>
  );
}

const STICKER = 150;

export function StickerBody({ message }: BodyProps) {
  const { media } = message;
  if (!isReady(media)) return <MediaState media={media} icon={icons.sticker} />;
  return (
    <img
      class="sticker"
      src={media.url}
      alt={t("kind.sticker")}
      width={STICKER}
      height={STICKER}
      loading="lazy"
    />
  );
}
