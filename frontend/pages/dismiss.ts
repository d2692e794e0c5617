// `<button data-dismiss>` removes the nearest `[data-message]`.

export function startDismissals(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("[data-dismiss]");
    button?.closest("[data-message]")?.remove();
  });
}
