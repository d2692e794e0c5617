// The icons only the connections page uses.
import history from "lucide-static/icons/history.svg?raw";
import logOut from "lucide-static/icons/unplug.svg?raw";
import pencil from "lucide-static/icons/pencil.svg?raw";
import power from "lucide-static/icons/power.svg?raw";
import qr from "lucide-static/icons/qr-code.svg?raw";
import pause from "lucide-static/icons/pause.svg?raw";

export const own = { history, logOut, pencil, power, qr, pause };
