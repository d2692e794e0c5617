// What the page's template tells its island, as JSON in #boot.

export interface Boot {
  tenant: { slug: string; name: string; time_zone: string };
  member: { id: string; name: string; role: string };
  locale: string;
  api: string;
  live: string;
}

export function readBoot<T extends Boot>(): T {
  const text = document.getElementById("boot")?.textContent;
  if (!text) throw new Error("The page has no #boot data");
  return JSON.parse(text) as T;
}
