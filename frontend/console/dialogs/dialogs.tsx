// The dialogs of the console, each rendered only while it is open.
import { openTicket } from "../desk";
import { dialog, lightbox } from "../view";
import { Help } from "./help";
import { Lightbox } from "./lightbox";
import { Transfer } from "./transfer";

export function Dialogs() {
  const ticket = openTicket.value;
  const picture = lightbox.value;
  return (
    <>
      {dialog.value === "transfer" && ticket && <Transfer ticket={ticket} />}
      {dialog.value === "help" && <Help />}
      {picture && <Lightbox message={picture} />}
    </>
  );
}
