// The player's two marks, filled so that they read at a glance.
import pause from "lucide-static/icons/pause.svg?raw";
import play from "lucide-static/icons/play.svg?raw";

const filled = (svg: string) => svg.replace('fill="none"', 'fill="currentColor"');

export const playIcon = filled(play);
export const pauseIcon = filled(pause);
