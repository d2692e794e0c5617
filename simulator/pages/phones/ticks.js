// The ticks of one's own message: clock, one, two, two in blue.

import { el, icon } from "./dom.js";

const LOOKS = {
  "-1": ["failed", "Não enviada", "bad"],
  0: ["clock", "A caminho", ""],
  1: ["sent", "Enviada", ""],
  2: ["double", "Entregue", ""],
  3: ["double", "Lida", "seen"],
  4: ["double", "Ouvida", "seen"],
};

export function ticks(message) {
  const [name, label, look] = LOOKS[message.level] || LOOKS[0];
  return el("span", { class: `ticks ${look}`, role: "img", "aria-label": label, title: label }, icon(name, "icon tick"));
}
