// What each kind's body is given.
import type { Message } from "../../api/shapes";

export interface BodyProps {
  message: Message;
}
