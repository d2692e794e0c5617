// Reads the name and the numbers from a shared contact; gateways send a vCard or just a name.

export interface SharedContact {
  name: string;
  phones: string[];
}

export function sharedContact(text: string): SharedContact {
  if (!/^\s*BEGIN:VCARD/i.test(text)) {
    const [name = "", ...rest] = text.split("\n");
    return { name: name.trim(), phones: rest.map((line) => line.trim()).filter(Boolean) };
  }
  const lines = text.split(/\r?\n/);
  const value = (line: string) => line.slice(line.indexOf(":") + 1).trim();
  const named = lines.find((line) => /^FN[;:]/i.test(line));
  const phones = lines.filter((line) => /^(item\d+\.)?TEL[;:]/i.test(line)).map(value);
  return { name: named ? value(named) : "", phones: [...new Set(phones)] };
}
