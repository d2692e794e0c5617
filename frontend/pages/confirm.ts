// `data-confirm="#dialog-id"` on a form: its submit waits for that <dialog>'s answer. The dialog
// holds a `<form method="dialog">` whose button with value "yes" agrees; where an input has
// `data-confirm-text="…"`, exactly that text must have been typed first.

export function startConfirmations(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const dialog = form.dataset.confirm ? document.querySelector(form.dataset.confirm) : null;
    if (!(dialog instanceof HTMLDialogElement) || form.dataset.confirmed) return;
    event.preventDefault();
    ask(dialog, () => {
      form.dataset.confirmed = "1";
      form.requestSubmit(event.submitter);
    });
  });
  document.addEventListener("input", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.dataset?.confirmText !== undefined) allow(input);
  });
}

function ask(dialog: HTMLDialogElement, onYes: () => void): void {
  dialog.returnValue = "";
  for (const input of dialog.querySelectorAll<HTMLInputElement>("input[data-confirm-text]")) {
    input.value = "";
    allow(input);
  }
  dialog.addEventListener("close", () => dialog.returnValue === "yes" && onYes(), { once: true });
  dialog.showModal();
}

function allow(input: HTMLInputElement): void {
  const yes = input.closest("dialog")?.querySelector<HTMLButtonElement>('button[value="yes"]');
  if (yes) yes.disabled = input.value.trim() !== input.dataset.confirmText;
}
