// Emoji left on a message: each once, with how many.
import type { Message } from "../../api/shapes";
import { t } from "../../locales";

export function Reactions({ reactions }: { reactions: Message["reactions"] }) {
  const by = new Map<string, Set<"contact" | "us">>();
  for (const { emoji, by: who } of reactions) by.set(emoji, (by.get(emoji) ?? new Set()).add(who));
  return (
    <div class="reactions">
      {[...by].map(([emoji, who]) => (
        <span key={emoji} class="reaction" title={[...who].map((w) => t(`reaction.${w}`)).join(", ")}>
          {emoji}
          {who.size > 1 && <span class="text-xs">{who.size}</span>}
        </span>
      ))}
    </div>
  );
}
