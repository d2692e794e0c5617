// Starts the inbox on #console.
import { render } from "preact";
import { tellAlert } from "../live/alerts";
import { createLive } from "../live/socket";
import { loadLocale } from "../locales";
import { fillWindow } from "../ui/fill";
import { App } from "./app";
import { boot, change, line, setLive } from "./desk";
import { onAnswer } from "./opening";
import { watchReading, watchTitle } from "./reading";
import { startRouting } from "./route";
import { watchSearch } from "./searching";
import { startShortcuts } from "./shortcuts";
import { load } from "./startup";
import { apply } from "./store";
import { watchNews } from "./thread/announcer";
import { startUpkeep } from "./upkeep";

const live = createLive({
  url: boot.live,
  load,
  onFrame(frame) {
    change((state) => apply(state, frame, Date.now()));
    tellAlert(frame, `/t/${boot.tenant.slug}/connections/`);
  },
  onAnswer,
  onState: (state) => (line.value = state),
});
const root = document.getElementById("console")!;

setLive(live);
startRouting();
live.start();
await loadLocale(boot.locale);
fillWindow(root);
root.replaceChildren();
render(<App />, root);
watchSearch();
watchReading();
watchTitle();
watchNews();
startShortcuts();
startUpkeep();
