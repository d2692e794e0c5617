// What a contact is called. Without a name the server gives the number, or "?" where it has none.
import { t } from "../locales";
import { phone } from "./phone";

export function contactName(contact: { name: string; phone: string | null }): string {
  const { name } = contact;
  if (name && name !== "?" && name !== contact.phone) return name;
  return phone(contact.phone) || t("contact.unnamed");
}
