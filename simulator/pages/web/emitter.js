// Events, as the real client's objects have them: names separated by spaces, a context per listener.

const listenersOf = new WeakMap();

export class Emitter {
  on(names, callback, context) {
    if (typeof callback !== "function") throw new TypeError("a listener must be a function");
    if (!listenersOf.has(this)) listenersOf.set(this, new Map());
    const all = listenersOf.get(this);
    for (const name of names.split(/\s+/)) {
      if (!all.has(name)) all.set(name, []);
      all.get(name).push({ callback, context });
    }
    return this;
  }

  once(names, callback, context) {
    const first = (...values) => {
      this.off(names, first);
      callback.apply(context ?? this, values);
    };
    first.original = callback;
    return this.on(names, first);
  }

  /** Without a callback, every listener of the names goes; without names, every listener. */
  off(names, callback) {
    const all = listenersOf.get(this);
    if (!all) return this;
    for (const name of names ? names.split(/\s+/) : [...all.keys()]) {
      const isOther = (listener) =>
        callback && listener.callback !== callback && listener.callback.original !== callback;
      all.set(name, (all.get(name) ?? []).filter(isOther));
    }
    return this;
  }

  listenTo(other, names, callback) {
    other.on(names, callback, this);
    return this;
  }

  trigger(name, ...values) {
    const all = listenersOf.get(this);
    if (!all) return this;
    for (const { callback, context } of [...(all.get(name) ?? [])]) callback.apply(context ?? this, values);
    for (const { callback, context } of [...(all.get("all") ?? [])]) callback.apply(context ?? this, [name, ...values]);
    return this;
  }
}
