// The files that wait in the composer of the open ticket.
import { signal } from "@preact/signals";
import { type Picked, pick, release } from "../files";

export const picked = signal<readonly Picked[]>([]);

export async function attach(files: Iterable<File>): Promise<void> {
  const more = await Promise.all([...files].filter((file) => file.size > 0).map(pick));
  picked.value = [...picked.peek(), ...more];
}

export function remove(id: string): void {
  picked.value = picked.peek().filter((each) => {
    if (each.id === id) release(each);
    return each.id !== id;
  });
}

/** Hands them over to be sent; their previews live on in the bubbles. */
export function takeAll(): Picked[] {
  const all = [...picked.peek()];
  picked.value = [];
  return all;
}

export function clear(): void {
  picked.peek().forEach(release);
  picked.value = [];
}
