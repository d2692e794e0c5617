// A ring that empties with the time that is left.
const RADIUS = 8;
const ROUND = 2 * Math.PI * RADIUS;

export function Ring({ share }: { share: number }) {
  return (
    <svg class="qr-ring" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <circle class="qr-ring-track" cx="10" cy="10" r={RADIUS} />
      <circle
        class="qr-ring-left"
        cx="10"
        cy="10"
        r={RADIUS}
        stroke-dasharray={ROUND}
        stroke-dashoffset={ROUND * (1 - Math.min(1, Math.max(0, share)))}
      />
    </svg>
  );
}
