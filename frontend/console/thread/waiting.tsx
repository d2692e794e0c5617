// Under a message of ours that is not sent yet: why, and until when. Short waits need no words.
import type { Message } from "../../api/shapes";
import { Icon, icons } from "../../ui/icon";
import { clock, isDown, now } from "../desk";
import { waitText } from "../waiting";

export function Waiting({ message }: { message: Message }) {
  const text = waitText(message.waits, isDown.value, now.value, clock.stamp);
  if (!text) return null;
  return (
    <p class="bubble-problem soft">
      <span>
        <Icon of={icons.clock} />
        {text}
      </span>
    </p>
  );
}
