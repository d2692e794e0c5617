// A place: its name, its coordinates, and the way to a map. No map is loaded from elsewhere.
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import type { BodyProps } from "./props";
import { UnsupportedBody } from "./unsupported";

export function LocationBody({ message }: BodyProps) {
  const { location } = message;
  if (!location) return <UnsupportedBody message={message} />;
  const { latitude, longitude, name, address } = location;
  const point = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
  return (
    <a class="place" href={map} target="_blank" rel="noopener noreferrer" title={t("location.open")}>
      <span class="place-map">
        <span class="place-pin">
          <Icon of={icons.mapPin} />
        </span>
      </span>
      <span class="place-words">
        <span class="font-medium">{name || t("kind.location")}</span>
        {address && <span class="text-sm soft">{address}</span>}
        <span class="place-point">
          {point}
          <Icon of={icons.external} />
        </span>
      </span>
    </a>
  );
}
