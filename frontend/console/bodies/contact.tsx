// Somebody's contact card, shared in the chat.
import { phone } from "../../format/phone";
import { t } from "../../locales";
import { sharedContact } from "../../text/vcard";
import { Avatar } from "../../ui/avatar";
import { CopyButton } from "../../ui/copy";
import type { BodyProps } from "./props";

export function ContactBody({ message }: BodyProps) {
  const { name, phones } = sharedContact(message.text);
  return (
    <div class="card-body-contact">
      <Avatar id={name || message.id} name={name} size={40} />
      <div class="min-w-0 flex-1">
        <div class="truncate font-medium">{name || t("kind.contact")}</div>
        {phones.map((number) => (
          <div key={number} class="flex items-center gap-1 text-sm soft">
            <span class="truncate tabular-nums">
              {/^\+?\d{10,15}$/.test(number) ? phone(number) : number}
            </span>
            <CopyButton text={number} label={t("contact.copy_phone")} />
          </div>
        ))}
      </div>
    </div>
  );
}
