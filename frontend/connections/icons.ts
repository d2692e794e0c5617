// The icons only the connections page uses.
import camera from "lucide-static/icons/camera.svg?raw";
import grip from "lucide-static/icons/grip-vertical.svg?raw";
import history from "lucide-static/icons/history.svg?raw";
import link from "lucide-static/icons/link.svg?raw";
import logOut from "lucide-static/icons/unplug.svg?raw";
import pause from "lucide-static/icons/pause.svg?raw";
import pencil from "lucide-static/icons/pencil.svg?raw";
import power from "lucide-static/icons/power.svg?raw";
import qr from "lucide-static/icons/qr-code.svg?raw";
import restart from "lucide-static/icons/rotate-cw.svg?raw";
import trash from "lucide-static/icons/trash-2.svg?raw";

export const own = { camera, grip, history, link, logOut, pause, pencil, power, qr, restart, trash };
