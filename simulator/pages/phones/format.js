// How numbers, times and sizes read in Brazilian Portuguese.

const TIME = new Intl.DateTimeFormat("pt-BR", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("pt-BR", { day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("pt-BR", { day: "2-digit", month: "2-digit", year: "2-digit" });
const DAY_MS = 86_400_000;

/** +5511987654321 → +55 11 98765-4321; numbers of other countries stay as they are. */
export function niceNumber(number) {
  const match = /^\+55(\d{2})(\d{4,5})(\d{4})$/.exec(number);
  return match ? `+55 ${match[1]} ${match[2]}-${match[3]}` : number;
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

export const time = (seconds) => TIME.format(seconds * 1000);

export function day(seconds) {
  const date = new Date(seconds * 1000);
  const ago = Math.round((midnight(new Date()) - midnight(date)) / DAY_MS);
  if (ago === 0) return "Hoje";
  return ago === 1 ? "Ontem" : DAY.format(date);
}

/** A time for today, a date before that. */
export function timeOrDay(seconds) {
  const named = day(seconds);
  if (named === "Hoje") return time(seconds);
  return named === "Ontem" ? named : SHORT_DAY.format(seconds * 1000);
}

export const dateAndTime = (iso) => `${SHORT_DAY.format(new Date(iso))}, ${TIME.format(new Date(iso))}`;

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toLocaleString("pt-BR", { maximumFractionDigits: 1 })} MB`;
}

const KIND_NAMES = {
  image: "Foto", video: "Vídeo", audio: "Áudio", voice: "Mensagem de voz",
  document: "Documento", sticker: "Figurinha", location: "Localização", contact: "Contato",
};

/** One line that stands for a message, in lists and quotes. */
export function summary(message) {
  if (message.revoked) return "Mensagem apagada";
  if (message.kind === "text") return message.text;
  if (message.kind === "contact") return `Contato: ${contactCard(message.text).name}`;
  if (message.kind === "document" && !message.text) return message.media?.name || KIND_NAMES.document;
  return message.text || KIND_NAMES[message.kind] || "Mensagem";
}

/** Name and number from a vCard, or from plain text. */
export function contactCard(text) {
  const name = /^FN[^:\n]*:(.+)$/m.exec(text);
  const number = /^TEL[^:\n]*:(.+)$/m.exec(text);
  return { name: (name?.[1] || text.split("\n")[0]).trim(), number: (number?.[1] || "").trim() };
}

const AREA_CODES = [11, 19, 21, 27, 31, 41, 48, 51, 61, 62, 71, 81, 85, 91, 92];

/** A mobile number as Brazil has them: country, area code, a nine, eight digits. */
export function plausibleNumber(taken) {
  for (;;) {
    const [area, first, rest] = crypto.getRandomValues(new Uint32Array(3));
    const number = `+55${AREA_CODES[area % AREA_CODES.length]}9${6 + (first % 4)}${String(rest % 10_000_000).padStart(7, "0")}`;
    if (!taken.has(number)) return number;
  }
}
