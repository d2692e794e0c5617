// Joins the open ticket on the live socket. What is read once the server has let us in misses nothing.
import type { Word } from "../api/frames";
import type { Id } from "../api/shapes";

/** How long reading waits to be let in. On a slow line it goes ahead, and is made good later. */
const PATIENCE_MS = 300;
/** A server ignores who says too much at once, so we ask again. */
const AGAIN_MS = 4_000;

export interface Joining {
  /** Resolves when we were let in, or when it takes too long: then `onLate` follows. */
  join(id: Id): Promise<void>;
  leave(id: Id): void;
  letIn(id: Id): void;
  refused(): void;
}

export interface JoiningOptions {
  say(word: Word): boolean;
  /** We were let in after reading had begun: something may have come in between. */
  onLate(id: Id): void;
}

export function createJoining({ say, onLate }: JoiningOptions): Joining {
  let joined: Id | null = null;
  let goOn: (() => void) | null = null;
  let patience: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;

  function proceed(): void {
    clearTimeout(patience);
    goOn?.();
    goOn = null;
  }

  function ask(id: Id): void {
    // With the line down the start-up path joins, once it is back.
    if (say({ do: "join", ticket: id })) again = setTimeout(() => ask(id), AGAIN_MS);
    else proceed();
  }

  function rest(): void {
    clearTimeout(again);
    proceed();
  }

  return {
    join(id) {
      rest();
      joined = id;
      return new Promise((done) => {
        goOn = done;
        patience = setTimeout(proceed, PATIENCE_MS);
        ask(id);
      });
    },
    leave(id) {
      rest();
      joined = null;
      say({ do: "leave", ticket: id });
    },
    letIn(id) {
      if (id !== joined) return;
      const isLate = goOn === null;
      rest();
      if (isLate) onLate(id);
    },
    refused: rest,
  };
}
