// What the details column reads besides the ticket: the contact's card and earlier tickets.
import { signal } from "@preact/signals";
import type { ContactCard, EarlierTicket } from "../../api/shapes";
import { api } from "../desk";

export interface Card {
  contactId: string;
  phase: "loading" | "ready" | "error";
  contact: ContactCard | null;
  earlier: readonly EarlierTicket[];
}

export const card = signal<Card | null>(null);

/** Reads a contact; what is known of them stays on the screen meanwhile. */
export async function readCard(contactId: string): Promise<void> {
  const known = card.peek()?.contactId === contactId ? card.peek() : null;
  card.value = known ?? { contactId, phase: "loading", contact: null, earlier: [] };
  try {
    const [contact, earlier] = await Promise.all([
      api.get<ContactCard>(`contacts/${contactId}/`),
      api.get<{ results: EarlierTicket[] }>(`contacts/${contactId}/tickets/`),
    ]);
    if (card.peek()?.contactId !== contactId) return;
    card.value = { contactId, phase: "ready", contact, earlier: earlier.results };
  } catch {
    if (card.peek()?.contactId === contactId && !known) {
      card.value = { contactId, phase: "error", contact: null, earlier: [] };
    }
  }
}
