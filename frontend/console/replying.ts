// Chooses the message to answer to; the composer shows it and takes the keyboard.
import type { Message } from "../api/shapes";
import { focusComposer, replyTo } from "./view";

export function answer(message: Message): void {
  replyTo.value = message;
  focusComposer();
}
