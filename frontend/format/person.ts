// A person's initials and stable colour, for avatars.

/** "Maria de Souza" → "MS". Empty for a number without a name. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return [first, last].map((word) => (word ? [...word][0]!.toUpperCase() : "")).join("");
}

/** A hue (0–359) that stays with the same text. */
export function hue(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return (hash >>> 0) % 360;
}

/** "Ana Beatriz Lima" → "Ana"; a number stays whole. */
export function firstName(name: string): string {
  return /^\p{L}/u.test(name) ? name.split(/\s+/)[0]! : name;
}
