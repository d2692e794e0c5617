// A person as a coloured circle with initials; the colour stays with the person.
import { hue, initials } from "../format/person";
import { Icon, icons } from "./icon";

export function Avatar({ id, name, size = 44 }: { id: string; name: string; size?: number }) {
  const letters = initials(name);
  return (
    <span
      class="avatar-mark"
      aria-hidden="true"
      style={{ "--hue": hue(id), width: `${size}px`, height: `${size}px`, fontSize: `${size * 0.36}px` }}
    >
      {letters || <Icon of={icons.user} />}
    </span>
  );
}
