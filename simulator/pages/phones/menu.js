// A small menu below a button: arrows move, Escape and a click elsewhere close it.

import { el, icon, iconButton } from "./dom.js";

let close = () => {};

/** A button that opens a menu of `{icon, label, act, isGrave}`; `head` may build something to stand above the items. */
export function menuButton(iconName, label, items, { className = "round", head } = {}) {
  const button = iconButton(iconName, label, () => openMenu(button, items, head), { class: className, "aria-haspopup": "menu" });
  return button;
}

export function openMenu(anchor, items, head) {
  const wasOpenHere = anchor.getAttribute("aria-expanded") === "true";
  close();
  if (wasOpenHere) return;
  const menu = el("div", { class: "menu", role: "menu" },
    head?.(() => close()),
    items.filter(Boolean).map((item) =>
      el("button", {
        type: "button", role: "menuitem", class: item.isGrave ? "grave" : "",
        on: { click: () => { close(); item.act(); } },
      }, icon(item.icon), item.label)),
  );
  document.body.append(menu);
  place(menu, anchor.getBoundingClientRect());
  anchor.setAttribute("aria-expanded", "true");
  menu.querySelector("button")?.focus({ preventScroll: true });

  const away = (event) => { if (!menu.contains(event.target) && !anchor.contains(event.target)) close(); };
  const keys = (event) => onKey(event, menu, anchor);
  document.addEventListener("pointerdown", away);
  document.addEventListener("keydown", keys);
  close = () => {
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", away);
    document.removeEventListener("keydown", keys);
    close = () => {};
  };
}

function onKey(event, menu, anchor) {
  const buttons = [...menu.querySelectorAll("button")];
  const here = buttons.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    close();
    anchor.focus();
  } else if (step) {
    buttons[(here + step + buttons.length) % buttons.length].focus();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Below the button where there is room, above it otherwise; never outside of the window. */
function place(menu, box) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(Math.max(8, box.right - width), innerWidth - width - 8);
  const below = box.bottom + 6;
  const top = below + height < innerHeight - 8 ? below : Math.max(8, box.top - height - 6);
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${top}px`;
}
