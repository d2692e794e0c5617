// Holds frames back while the page state loads, then lets them through in the order they came.

export interface FrameBuffer<Frame> {
  take(frame: Frame): void;
  /** Apply what was held and let everything through from now on. */
  release(): void;
  readonly held: number;
}

export function createBuffer<Frame>(apply: (frame: Frame) => void): FrameBuffer<Frame> {
  let waiting: Frame[] | null = [];
  return {
    take(frame) {
      if (waiting) waiting.push(frame);
      else apply(frame);
    },
    release() {
      const frames = waiting ?? [];
      waiting = null;
      frames.forEach(apply);
    },
    get held() {
      return waiting?.length ?? 0;
    },
  };
}
