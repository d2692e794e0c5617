// The size a picture gets in its bubble, known before it loads so that nothing jumps.

const WIDEST = 320;
const TALLEST = 360;
const SMALLEST = 120;
const UNKNOWN = { width: 260, height: 260 };

export function shownSize(width: number | null, height: number | null) {
  if (!width || !height) return UNKNOWN;
  const scale = Math.min(1, WIDEST / width, TALLEST / height);
  return {
    width: Math.round(Math.max(SMALLEST, width * scale)),
    height: Math.round(Math.max(SMALLEST, height * scale)),
  };
}
