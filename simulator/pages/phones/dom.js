// Elements from plain values. Text only ever enters the page as text nodes.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  plus: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  more: "M12 5v.01M12 12v.01M12 19v.01",
  send: "M4 12l16-8-5 16-4-6zM11 14l9-10",
  mic: "M12 4a2.5 2.5 0 0 0-2.5 2.5v5a2.5 2.5 0 0 0 5 0v-5A2.5 2.5 0 0 0 12 4zM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
  stop: "M7 7h10v10H7z",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7",
  attach: "M19 11l-7.5 7.5a4.2 4.2 0 0 1-6-6l8-8a2.8 2.8 0 0 1 4 4l-8 8a1.4 1.4 0 0 1-2-2l7-7",
  image: "M4 5h16v14H4zM4 16l5-5 5 5M13 15l3-3 4 4M15.5 9v.01",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  pin: "M12 21c4-4.6 6-8 6-11a6 6 0 0 0-12 0c0 3 2 6.4 6 11zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.8-4 4-5.5 7.5-5.5s6.7 1.5 7.5 5.5",
  laptop: "M5 6h14v9.5H5zM2.5 19h19",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 8h3v3H8zM13 13h3v3h-3zM14.5 8.5v.01M8.5 15v.01",
  reply: "M10 6l-6 6 6 6M4 12h9c4 0 7 2 7 6.5",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.5 14c1.8 2.7 5.2 2.7 7 0M9 9.5v.01M15 9.5v.01",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  chevron: "M6 9l6 6 6-6",
  play: "M8 5.5v13l11-6.5z",
  pause: "M8 5v14M16 5v14",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
  sent: "M6 12.5l4 4 8-9",
  double: "M2.5 12.5l4 4 8-9M11 15.5l1 1 8.5-9",
  failed: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7.5V13M12 16.5v.01",
  camera: "M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
  phone: "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3zM11 18h2",
  dice: "M5 5h14v14H5zM9 9v.01M15 9v.01M12 12v.01M9 15v.01M15 15v.01",
};

/** An element. `props`: `class`, `on` (listeners), `data`, `aria…` and other attributes; booleans set or leave out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") node.className = value;
    else if (name === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "value") node.value = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

export function icon(name, className = "icon") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `${className} icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A round button with an icon; `label` is what a screen reader says and what hovering shows. */
export function iconButton(name, label, click, props = {}) {
  return el("button", { type: "button", class: "round", title: label, "aria-label": label, on: { click }, ...props }, icon(name));
}

export function avatar(name, number, extra = "") {
  const words = (name || "").trim().split(/\s+/).filter(Boolean);
  const initials = words.length ? (words[0][0] + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase() : "";
  const hue = [...number].reduce((sum, digit, place) => sum + (Number(digit) || 0) * (place + 3), 0) % 8;
  return el("span", { class: `avatar hue-${hue} ${extra}`, "aria-hidden": "true" }, initials || icon("person"));
}

/** How many are unread: a number to see, and what it counts to hear. */
export function badge(unread) {
  return el("span", { class: "badge" }, String(unread), el("span", { class: "heard" }, unread === 1 ? " não lida" : " não lidas"));
}

/** Show `items` in `parent`, keeping the nodes whose key and signature did not change. */
export function reconcile(parent, items, { key, signature, render }) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let before = parent.firstElementChild;
  for (const item of items) {
    const itemKey = key(item);
    const itemSignature = signature(item);
    let node = old.get(itemKey);
    old.delete(itemKey);
    if (!node || node.signature !== itemSignature) {
      const fresh = render(item);
      fresh.dataset.key = itemKey;
      fresh.signature = itemSignature;
      if (node) {
        const hadFocus = node.contains(document.activeElement);
        if (before === node) before = fresh;
        node.replaceWith(fresh);
        if (hadFocus) (fresh.matches("button") ? fresh : fresh.querySelector("button"))?.focus();
      }
      node = fresh;
    }
    if (node === before) before = before.nextElementSibling;
    else parent.insertBefore(node, before);
  }
  for (const node of old.values()) node.remove();
}

export function toast(text) {
  const node = el("p", { class: "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}

/** Run something that talks to the network; say what went wrong. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(error.message || "Algo deu errado.");
    return undefined;
  }
}
