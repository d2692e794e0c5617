// Gives an island the height from where it begins to the window's lower edge, whatever is above it.

export function fillWindow(root: HTMLElement): void {
  const fit = () => {
    const top = Math.max(0, Math.round(root.getBoundingClientRect().top + scrollY));
    root.style.setProperty("--island-top", `${top}px`);
  };
  fit();
  addEventListener("resize", fit);
}
