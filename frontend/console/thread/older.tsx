// The upper end of a thread: its beginning, or more of it on the way.
import { t } from "../../locales";
import type { Thread } from "../state/shape";

interface Props {
  thread: Thread;
  hasTrouble: boolean;
  onRetry(): void;
}

export function Older({ thread, hasTrouble, onRetry }: Props) {
  if (thread.phase !== "ready") return null;
  if (!thread.cursor) return <div class="h-4" />;
  return (
    <div class="grid h-14 place-items-center text-sm">
      {hasTrouble ? (
        <button type="button" class="btn btn-sm" onClick={onRetry}>
          {t("thread.older_failed")}
        </button>
      ) : (
        <span
          class="loading loading-dots loading-sm opacity-40"
          role="status"
          aria-label={t("thread.older")}
        />
      )}
    </div>
  );
}
