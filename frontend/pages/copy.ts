// `<button data-copy="text">` or `<button data-copy-from="#id">` copies, and shows `data-copied`.

const SAID_MS = 1_600;

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy], [data-copy-from]");
    if (button) void copy(button);
  });
}

async function copy(button: HTMLElement): Promise<void> {
  const { copy, copyFrom, copied } = button.dataset;
  const source = copyFrom ? document.querySelector(copyFrom) : null;
  const text = copy ?? (source instanceof HTMLInputElement ? source.value : source?.textContent) ?? "";
  await navigator.clipboard.writeText(text.trim());
  if (!copied || button.dataset.said) return;
  const label = [...button.childNodes];
  button.dataset.said = "1";
  button.replaceChildren(copied);
  setTimeout(() => {
    button.replaceChildren(...label);
    delete button.dataset.said;
  }, SAID_MS);
}
