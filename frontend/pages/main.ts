// Small enhancements of server-rendered pages. Every page works without them.
import { startConfirmations } from "./confirm";
import { startCopying } from "./copy";
import { startDismissals } from "./dismiss";
import { startLocaleChoice } from "./locale";
import { startThemeChoice } from "./theme";

startThemeChoice();
startDismissals();
startCopying();
startConfirmations();
startLocaleChoice();
