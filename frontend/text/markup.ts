// WhatsApp's markup as a tree: *bold* _italic_ ~strike~ ```mono``` `mono` and links. Never HTML.

export type Node =
  | { kind: "text"; text: string }
  | { kind: "bold" | "italic" | "strike"; children: Node[] }
  | { kind: "mono"; text: string; block: boolean }
  | { kind: "link"; text: string; href: string };

const MARKS: Record<string, "bold" | "italic" | "strike"> = { "*": "bold", _: "italic", "~": "strike" };
const FENCE = "```";
// The mail part is bounded on both sides, so that long runs of letters are not tried from each letter.
const LINK = /(?:https?:\/\/|www\.)[^\s<>"]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/giu;
const WORD = /[\p{L}\p{N}]/u;

interface Span {
  from: number;
  to: number;
}

export function parse(text: string): Node[] {
  const links = linksIn(text);
  const linkAt = new Map(links.map((span) => [span.from, span]));
  // A mark that found no partner from some place has none for later places of that line either;
  // remembering it keeps the work linear for texts made of stars.
  const noPartnerBefore: Record<string, number> = {};

  function walk(from: number, to: number, open: string): Node[] {
    const nodes: Node[] = [];
    let plain = from;
    let at = from;
    const flush = (end: number) => {
      if (end > plain) nodes.push({ kind: "text", text: text.slice(plain, end) });
    };
    const push = (node: Node, next: number) => {
      flush(at);
      nodes.push(node);
      at = plain = next;
    };
    while (at < to) {
      const link = linkAt.get(at);
      const mono = text[at] === "`" ? monoAt(text, at, to) : null;
      const mark = text[at]!;
      if (link && link.to <= to) push(linkNode(text.slice(link.from, link.to)), link.to);
      else if (mono) push({ kind: "mono", text: mono.text, block: mono.block }, mono.end);
      else if (MARKS[mark] && !open.includes(mark)) {
        const end = partner(mark, at, to);
        if (end < 0) at += 1;
        else push({ kind: MARKS[mark], children: walk(at + 1, end, open + mark) }, end + 1);
      } else at += 1;
    }
    flush(to);
    return nodes;
  }

  /** Where the mark that opens at `at` closes, or -1: within its line, around something that
   * neither begins nor ends with a space, and not inside a word. */
  function partner(mark: string, at: number, to: number): number {
    if (at < (noPartnerBefore[mark] ?? 0)) return -1;
    if (WORD.test(text[at - 1] ?? " ") || /\s/.test(text[at + 1] ?? " ")) return -1;
    let i = at + 1;
    while (i < to && text[i] !== "\n") {
      const link = linkAt.get(i);
      if (link) {
        i = link.to;
        continue;
      }
      const closes = text[i] === mark && i > at + 1 && !/\s/.test(text[i - 1]!);
      if (closes && !WORD.test(text[i + 1] ?? " ")) return i;
      i += 1;
    }
    noPartnerBefore[mark] = i;
    return -1;
  }

  return walk(0, text.length, "");
}

function monoAt(text: string, at: number, to: number) {
  if (text.startsWith(FENCE, at)) {
    const end = text.indexOf(FENCE, at + 3);
    if (end > at + 3 && end + 3 <= to) {
      const inner = text.slice(at + 3, end);
      return { text: inner.replace(/^\n|\n$/g, ""), block: inner.includes("\n"), end: end + 3 };
    }
    return null;
  }
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1 || end >= to) return null;
  const inner = text.slice(at + 1, end);
  return /\n|^\s|\s$/.test(inner) ? null : { text: inner, block: false, end: end + 1 };
}

function linksIn(text: string): Span[] {
  return [...text.matchAll(LINK)].flatMap((found) => {
    const length = trimmed(found[0]).length;
    return length ? [{ from: found.index, to: found.index + length }] : [];
  });
}

/** Without the punctuation and marks of the sentence around the link. */
function trimmed(link: string): string {
  let end = link.length;
  while (end > 0) {
    const last = link[end - 1]!;
    const isUnbalanced =
      last === ")" && link.slice(0, end).split("(").length < link.slice(0, end).split(")").length;
    if (!isUnbalanced && !/[.,;:!?'"*_~`\]}]/.test(last)) break;
    end -= 1;
  }
  return link.slice(0, end);
}

function linkNode(text: string): Node {
  if (/^https?:\/\//i.test(text)) return { kind: "link", text, href: text };
  const scheme = /^www\./i.test(text) ? "https://" : "mailto:";
  return { kind: "link", text, href: scheme + text };
}

const EMOJI =
  /^(?:\p{Regional_Indicator}{2}|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*)+$/u;

/** One to three emoji and nothing else: shown large. */
export function isJumbo(text: string): boolean {
  if (!text || text.length > 32 || !EMOJI.test(text)) return false;
  return [...new Intl.Segmenter().segment(text)].length <= 3;
}

/** The text without its marks, for one-line previews. */
export function plain(nodes: Node[]): string {
  return nodes.map((node) => ("children" in node ? plain(node.children) : node.text)).join("");
}
