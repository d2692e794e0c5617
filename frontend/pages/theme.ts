// The theme switch: `<button data-theme-choice="light|dark|system">`; theme.ts does the rest.

export function startThemeChoice(): void {
  const root = document.documentElement;
  const buttons = document.querySelectorAll<HTMLElement>("button[data-theme-choice]");
  const mark = () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === root.dataset.themeChoice));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      dispatchEvent(new CustomEvent("balcao:theme", { detail: button.dataset.themeChoice }));
    });
  }
  new MutationObserver(mark).observe(root, { attributeFilter: ["data-theme-choice"] });
  mark();
}
