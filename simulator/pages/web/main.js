// Puts the page together: the loader's globals, the modules in their time, the screen, the session.

import { chatModules } from "./chat_modules.js";
import { publish } from "./loader.js";
import { register } from "./loading.js";
import { coreModules } from "./modules.js";
import { showScreen } from "./screen.js";
import { start } from "./session.js";
import { readSetup } from "./setup.js";
import { VERSION } from "./state.js";

publish();
showScreen();
const setup = await readSetup();
const registered = register({ ...coreModules, ...chatModules }, setup).then(() => {
  window.Debug = { VERSION };
});
await start(setup);
await registered;
