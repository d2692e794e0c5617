// `<select data-submit-on-change>`: the language choice needs no button once scripts run.

export function startLocaleChoice(): void {
  for (const select of document.querySelectorAll<HTMLSelectElement>("select[data-submit-on-change]")) {
    select.addEventListener("change", () => select.form?.requestSubmit());
    select.form?.querySelector<HTMLElement>("[data-without-script]")?.remove();
  }
}
