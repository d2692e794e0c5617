// The button back to the newest message, with how many came meanwhile.
import { t, tn } from "../../locales";
import { Icon, icons } from "../../ui/icon";

export function Jump({ count, onJump }: { count: number; onJump(): void }) {
  const label = count ? tn("thread.new_below", count) : t("thread.to_newest");
  return (
    <button type="button" class="thread-jump" aria-label={label} title={label} onClick={onJump}>
      <Icon of={icons.arrowDown} />
      {count > 0 && <span class="tabular-nums">{count > 99 ? "99+" : count}</span>}
    </button>
  );
}
