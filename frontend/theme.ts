// Runs in <head> before anything is painted: puts the chosen theme on <html>. Loaded as a plain
// script, so it imports nothing and leaves nothing in the global scope.
(() => {
  const KEY = "balcao:theme";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const chosen = (): string => {
    try {
      return localStorage.getItem(KEY) ?? "system";
    } catch {
      return "system"; // storage may be switched off
    }
  };
  const show = (choice: string): void => {
    const isDark = choice === "dark" || (choice === "system" && dark.matches);
    root.dataset.theme = isDark ? "balcao-dark" : "balcao-light";
    root.dataset.themeChoice = choice;
  };

  show(chosen());
  dark.addEventListener("change", () => show(chosen()));
  // Another tab chose.
  addEventListener("storage", (event) => event.key === KEY && show(chosen()));
  // This page chose: pages/theme.ts asks by this event.
  addEventListener("balcao:theme", (event) => {
    const choice = (event as CustomEvent<string>).detail;
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // then it holds for this page only
    }
    show(choice);
  });
})();
