// Phone numbers for people: "+5511987654321" → "+55 (11) 98765-4321".

export function phone(e164: string | null): string {
  if (!e164) return "";
  const digits = e164.replace(/\D/g, "");
  const brazil = /^55(\d{2})(\d{4,5})(\d{4})$/.exec(digits);
  if (brazil) return `+55 (${brazil[1]}) ${brazil[2]}-${brazil[3]}`;
  const north = /^1(\d{3})(\d{3})(\d{4})$/.exec(digits);
  if (north) return `+1 (${north[1]}) ${north[2]}-${north[3]}`;
  const portugal = /^351(\d{3})(\d{3})(\d{3})$/.exec(digits);
  if (portugal) return `+351 ${portugal.slice(1).join(" ")}`;
  return `+${digits}`;
}
