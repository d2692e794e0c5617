// The files that wait in the composer of the open ticket.
import { signal } from "@preact/signals";
import { fileSize } from "../../format/size";
import { t } from "../../locales";
import { toast } from "../../ui/toast";
import { boot } from "../desk";
import { hasTooManyPixels, type Picked, pick, type Refusal, refusalOf, release } from "../files";

export const picked = signal<readonly Picked[]>([]);

/** Takes what the server would take; what it would not is refused here, before anything leaves. */
export async function attach(files: Iterable<File>): Promise<void> {
  const good = [...files].filter((file) => {
    const refusal = refusalOf(file, boot.upload);
    if (refusal) refuse(file, refusal);
    return !refusal;
  });
  const more = await Promise.all(good.map((file) => pick(file, boot.upload)));
  const kept = more.filter((each) => {
    const isTooFine = hasTooManyPixels(each, boot.upload);
    if (isTooFine) {
      refuse(each.file, "too_many_pixels");
      release(each);
    }
    return !isTooFine;
  });
  picked.value = [...picked.peek(), ...kept];
}

function refuse({ name, size }: File, refusal: Refusal): void {
  const limit = fileSize(boot.upload.max_bytes, boot.locale);
  toast(t(`file.${refusal}`, { name, limit, size: fileSize(size, boot.locale) }), { tone: "error" });
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
