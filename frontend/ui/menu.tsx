// A small menu behind three dots. Closes on choice, on Esc and on a click elsewhere.
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, icons } from "./icon";

interface Props {
  label: string;
  class?: string;
  items: { label: string; icon: string; run(): void }[];
}

export function Menu({ label, class: name = "", items }: Props) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    root.current?.querySelector<HTMLElement>(".menu-list button")?.focus();
    return () => removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  return (
    <div
      ref={root}
      class={`menu-root ${name}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.stopPropagation();
        close();
      }}
    >
      <button
        type="button"
        class="tool"
        aria-label={label}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon of={icons.more} />
      </button>
      {isOpen && (
        <div class="menu-list">
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              onClick={() => {
                close();
                item.run();
              }}
            >
              <Icon of={item.icon} />
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
