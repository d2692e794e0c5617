// A kind of message we cannot show: says so, instead of showing nothing.
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import type { BodyProps } from "./props";
import { Caption } from "./text";

export function UnsupportedBody({ message }: BodyProps) {
  return (
    <>
      <span class="unsupported">
        <Icon of={icons.smartphone} />
        <span>{t("message.unsupported")}</span>
      </span>
      <Caption message={message} />
    </>
  );
}
