// The registry of modules as Meta's loader offers it: `__d`, `require`, `importNamespace`.

const modulesMap = {};
const loaded = new Map();
let prepared = {};

/** Every module of the page, exports by id, whether the world may see it yet or not. */
export function prepare(modules) {
  prepared = modules;
}

/** A module for the page's own use. wa-js replaces functions on this very object, so ask anew each time. */
export const own = (id) => prepared[id];

/** From now on the world sees the module. */
export const reveal = (id) => define(id, () => prepared[id]);

function define(id, factory) {
  modulesMap[id] = { id, factory };
}

function load(id) {
  if (id === "__debug") return { modulesMap };
  if (!loaded.has(id)) {
    const found = modulesMap[id];
    if (!found) throw new Error(`Requiring unknown module "${id}"`);
    loaded.set(id, found.factory());
  }
  return loaded.get(id);
}

export function publish() {
  window.ErrorGuard = { skipGuardGlobal() {} };
  window.importNamespace = load;
  window.__d = define;
  window.require = load;
}
