// Bubbles of one sender within a minute; who and when is said once.
import type { Message } from "../../api/shapes";
import { t } from "../../locales";
import { memo } from "../../ui/memo";
import { me } from "../desk";
import { BubbleView } from "./bubble";
import type { Bubble } from "./grouping";

interface Props {
  bubbles: readonly Bubble[];
  follows: boolean;
  onShow(messageId: string): boolean;
}

export const GroupView = memo(({ bubbles, follows, onShow }: Props) => {
  const first = bubbles[0]!.message;
  const isOut = first.direction === "out";
  const author = isOut && !follows ? authorOf(first, me.value?.id) : "";
  return (
    <div class={`group-row ${isOut ? "group-out" : "group-in"} ${follows ? "group-follows" : ""}`}>
      {author && <div class="group-author">{author}</div>}
      {bubbles.map((bubble, i) => (
        <BubbleView
          key={bubble.key}
          message={bubble.message}
          local={bubble.local}
          isLast={i === bubbles.length - 1}
          onShow={onShow}
        />
      ))}
    </div>
  );
});

/** Whose words these are, where they are not my own. */
function authorOf({ author, origin }: Message, myId: string | undefined): string {
  if (author && author.id !== myId) return author.name;
  if (author) return "";
  if (origin === "phone") return t("author.phone");
  if (origin === "api") return t("author.api");
  if (origin === "automation") return t("author.automation");
  return "";
}
