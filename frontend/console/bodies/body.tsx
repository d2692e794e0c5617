// What a message says, by its kind. A kind we do not know is never a blank bubble.
import type { ComponentType } from "preact";
import type { Kind } from "../../api/shapes";
import type { Local } from "../state/shape";
import { AudioBody } from "./audio";
import { ContactBody } from "./contact";
import { DocumentBody } from "./document";
import { ImageBody, StickerBody } from "./image";
import { LocationBody } from "./location";
import type { BodyProps } from "./props";
import { TextBody } from "./text";
import { UnsupportedBody } from "./unsupported";
import { UploadProgress } from "./upload";
import { VideoBody } from "./video";

const BODIES: Record<Kind, ComponentType<BodyProps>> = {
  text: TextBody,
  image: ImageBody,
  sticker: StickerBody,
  video: VideoBody,
  audio: AudioBody,
  voice: AudioBody,
  document: DocumentBody,
  location: LocationBody,
  contact: ContactBody,
  unsupported: UnsupportedBody,
  entry: UnsupportedBody,
};

export function Body({ message, local }: BodyProps & { local: Local | null }) {
  const Kind = BODIES[message.kind] ?? UnsupportedBody;
  return (
    <>
      <Kind message={message} />
      {local?.file && local.state === "sending" && <UploadProgress local={local} />}
    </>
  );
}
