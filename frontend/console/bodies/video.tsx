// Films, with the browser's own controls.
import { t } from "../../locales";
import { icons } from "../../ui/icon";
import { previewOf } from "../files";
import type { BodyProps } from "./props";
import { shownSize } from "./measures";
import { isReady, MediaState } from "./media";
import { Caption } from "./text";

export function VideoBody({ message }: BodyProps) {
  const { media } = message;
  const size = shownSize(media?.width ?? 320, media?.height ?? 200);
  const source = previewOf(message.client_ref) ?? (isReady(media) ? media.url : null);
  return (
    <>
      <div
        class="media-frame"
        style={{ width: `${size.width}px`, aspectRatio: `${size.width} / ${size.height}` }}
      >
        {source ? (
          <video src={source} controls preload="metadata" aria-label={media?.name || t("kind.video")} />
        ) : (
          <MediaState media={media} icon={icons.video} />
        )}
      </div>
      <Caption message={message} />
    </>
  );
}
