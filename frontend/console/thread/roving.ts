// Arrow keys walk through the messages once the thread has the keyboard; R answers, End goes down.
import { openThread, isMine } from "../desk";
import { answer } from "../replying";

export function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const bubbles = [...event.currentTarget.querySelectorAll<HTMLElement>(".bubble[data-message]")];
  const at = bubbles.indexOf(document.activeElement as HTMLElement);
  switch (event.key) {
    case "ArrowUp":
      return step(event, bubbles[at < 0 ? bubbles.length - 1 : Math.max(0, at - 1)]);
    case "ArrowDown":
      return step(event, at < 0 ? undefined : bubbles[at + 1]);
    case "End":
      return step(event, bubbles[bubbles.length - 1]);
    case "r":
    case "R": {
      const id = bubbles[at]?.dataset.message;
      const message = openThread.peek()?.messages.find((each) => each.id === id);
      if (!message || !isMine.peek() || message.deleted_at) return;
      event.preventDefault();
      return answer(message);
    }
  }
}

function step(event: KeyboardEvent, bubble: HTMLElement | undefined): void {
  if (!bubble) return;
  event.preventDefault();
  bubble.focus({ preventScroll: true });
  bubble.scrollIntoView({ block: "nearest" });
}
