// The scrolling thread. A class, because only getSnapshotBeforeUpdate sees the page as it was just
// before a change, which keeping the reader's place needs.
import { Component, createRef } from "preact";
import { t } from "../../locales";
import { loadOlder } from "../opening";
import type { Thread } from "../state/shape";
import { Older } from "./older";
import { byDay, type Item } from "./grouping";
import { ItemView } from "./item";
import { Jump } from "./jump";
import { walk } from "./roving";
import {
  type Anchor,
  anchorOf,
  fromBottom,
  jumpTo,
  OLDER_DISTANCE,
  PIN_DISTANCE,
  restore,
  toBottom,
} from "./scroll";

interface Props {
  ticketId: string;
  name: string;
  thread: Thread;
  items: readonly Item[];
}

interface State {
  isPinned: boolean;
  /** Messages that came below what is being read. */
  below: number;
  hasTrouble: boolean;
}

const LIT_MS = 2_500;

export class Log extends Component<Props, State> {
  override state: State = { isPinned: true, below: 0, hasTrouble: false };
  private scroller = createRef<HTMLDivElement>();
  private list = createRef<HTMLDivElement>();
  private watcher: ResizeObserver | null = null;
  private isPlaced = false;
  private isPinned = true;
  private size = "";

  override componentDidMount(): void {
    // Pictures that load, a composer that grows: whoever is at the bottom stays there.
    this.watcher = new ResizeObserver(() => {
      if (this.isPlaced && this.isPinned) toBottom(this.scroller.current!);
      this.size = this.measure();
    });
    this.watcher.observe(this.list.current!);
    this.watcher.observe(this.scroller.current!);
    this.place();
  }

  override componentWillUnmount(): void {
    this.watcher?.disconnect();
  }

  override getSnapshotBeforeUpdate(): Anchor | null {
    if (this.isPinned || !this.isPlaced) return null;
    return anchorOf(
      this.scroller.current!,
      this.list.current!.querySelectorAll(".thread-section > :not(.thread-day)"),
    );
  }

  override componentDidUpdate(before: Props, _: State, anchor: Anchor | null): void {
    const scroller = this.scroller.current!;
    if (!this.isPlaced) return this.place();
    if (before.thread === this.props.thread && before.items === this.props.items) return;
    const wrote = this.props.thread.outbox.length > before.thread.outbox.length;
    if (wrote) this.pin(true);
    if (this.isPinned) toBottom(scroller);
    else {
      restore(scroller, anchor);
      const below = newBelow(before.thread, this.props.thread);
      if (below) this.setState((state) => ({ below: state.below + below }));
    }
    this.size = this.measure();
    this.wantOlder();
  }

  /** The first place: where the new messages begin, else the bottom. */
  private place(): void {
    const { thread } = this.props;
    if (thread.phase !== "ready") return;
    this.isPlaced = true;
    const scroller = this.scroller.current!;
    const mark = this.list.current!.querySelector(".thread-unread");
    toBottom(scroller);
    if (mark) jumpTo(scroller, mark, "instant");
    this.pin(fromBottom(scroller) < PIN_DISTANCE);
    this.size = this.measure();
    this.wantOlder();
  }

  private pin(isPinned: boolean): void {
    this.isPinned = isPinned;
    if (isPinned === this.state.isPinned && !(isPinned && this.state.below)) return;
    this.setState((state) => ({ isPinned, below: isPinned ? 0 : state.below }));
  }

  private measure(): string {
    const { scrollHeight, clientHeight } = this.scroller.current!;
    return `${scrollHeight}/${clientHeight}`;
  }

  private onScroll = (): void => {
    // A scroll that comes with another size is the page's doing, not the reader's.
    if (this.measure() !== this.size) {
      this.size = this.measure();
      if (this.isPinned) return;
    }
    this.pin(fromBottom(this.scroller.current!) < PIN_DISTANCE);
    this.wantOlder();
  };

  private wantOlder(isAsked = false): void {
    const { ticketId, thread } = this.props;
    if (!thread.cursor || thread.phase !== "ready" || (this.state.hasTrouble && !isAsked)) return;
    if (this.scroller.current!.scrollTop > OLDER_DISTANCE && !isAsked) return;
    void loadOlder(ticketId).then((isRead) => {
      if (isRead === this.state.hasTrouble) this.setState({ hasTrouble: !isRead });
    });
  }

  /** Brings a message into view and lights it up; false when it is not loaded. */
  private show = (messageId: string): boolean => {
    const found = this.list.current!.querySelector(`[data-message="${CSS.escape(messageId)}"]`);
    if (!found) return false;
    this.pin(false);
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    jumpTo(this.scroller.current!, found, isCalm ? "instant" : "smooth");
    found.classList.add("is-lit");
    setTimeout(() => found.classList.remove("is-lit"), LIT_MS);
    return true;
  };

  override render({ name, items, thread }: Props, { isPinned, below, hasTrouble }: State) {
    return (
      <div class="thread-frame">
        {/* tabIndex: a scrolling region must be reachable by keyboard. */}
        <div
          ref={this.scroller}
          class="thread-scroller"
          role="log"
          aria-live="off"
          aria-label={t("thread.label", { name })}
          tabIndex={0}
          onScroll={this.onScroll}
          onKeyDown={walk}
        >
          <Older thread={thread} hasTrouble={hasTrouble} onRetry={() => this.wantOlder(true)} />
          <div ref={this.list} class="thread-list">
            {byDay(items).map((day) => (
              <section key={day.key} class="thread-section">
                {day.items.map((item) => (
                  <ItemView key={item.key} item={item} onShow={this.show} />
                ))}
              </section>
            ))}
          </div>
        </div>
        {!isPinned && (
          <Jump
            count={below}
            onJump={() => {
              toBottom(this.scroller.current!, "smooth");
              this.setState({ below: 0 });
            }}
          />
        )}
      </div>
    );
  }
}

/** Messages of the customer that came at the end. */
function newBelow(before: Thread, after: Thread): number {
  const last = before.messages[before.messages.length - 1];
  const from = last ? after.messages.findLastIndex((message) => message.id === last.id) : -1;
  if (from < 0) return 0;
  return after.messages.slice(from + 1).filter((message) => message.direction === "in").length;
}
