// Skips rendering while the props are the same things: rows and bubbles are replaced, never changed.
import { Component, type ComponentChild, type FunctionComponent, h } from "preact";

export function memo<P extends object>(render: (props: P) => ComponentChild): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return (
        keys.length !== Object.keys(this.props).length ||
        keys.some((key) => next[key] !== this.props[key as keyof typeof this.props])
      );
    }
    override render() {
      return h(render as FunctionComponent<P>, this.props as P);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
