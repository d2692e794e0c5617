// Models and collections: attributes that tell when they change, and ordered sets of them.

import { Emitter } from "./emitter.js";

const hidden = (object, name, value) => Object.defineProperty(object, name, { value, enumerable: false });

export class Model extends Emitter {
  constructor(attributes = {}) {
    super();
    hidden(this, "values", {});
    hidden(this, "collections", new Set());
    this.set(attributes, { silent: true });
  }

  get attributes() {
    return this.values;
  }

  /** `set(name, value, options)` or `set({name: value, …}, options)`; `silent` tells nobody. */
  set(nameOrValues, valueOrOptions, maybeOptions) {
    const isMany = typeof nameOrValues === "object";
    const changes = isMany ? nameOrValues : { [nameOrValues]: valueOrOptions };
    const options = (isMany ? valueOrOptions : maybeOptions) ?? {};
    const changed = [];
    for (const [name, value] of Object.entries(changes)) {
      const before = this.keep(name, value);
      if (before !== value) changed.push([name, before]);
    }
    if (options.silent) return this;
    for (const [name, before] of changed) this.tell(name, before);
    return this;
  }

  unset(name) {
    return this.set(name, undefined);
  }

  /** Remember a value. Returns the one before. */
  keep(name, value) {
    const before = this.values[name];
    this.values[name] = value;
    if (!(name in this)) this.declare(name);
    return before;
  }

  declare(name) {
    Object.defineProperty(this, name, {
      configurable: true,
      enumerable: true,
      get: () => this.values[name],
      set: (value) => this.set(name, value),
    });
  }

  tell(name, before) {
    const value = this.values[name];
    this.trigger(`change:${name}`, this, value, before);
    this.trigger("change", this);
    for (const collection of this.collections) collection.trigger(`change:${name}`, this, value, before);
  }

  toJSON() {
    return { ...this.values };
  }
}

export class Collection extends Emitter {
  static model = Model;

  constructor() {
    super();
    // wa-js knows this class by this complaint.
    if (!this.constructor.model) throw new Error("Collection initialized without model");
    hidden(this, "byId", new Map());
  }

  /** Ids are objects (Wid, MsgKey) as often as strings; models and plain rows stand for their own. */
  keyOf(item) {
    if (item == null) return item;
    const id = typeof item === "object" && item.id !== undefined && !item.isKey ? item.id : item;
    return String(id);
  }

  get(item) {
    return this.byId.get(this.keyOf(item));
  }

  add(items, options = {}) {
    return [items].flat().map((item) => this.addOne(item, options));
  }

  addOne(item, options) {
    const model = item instanceof Model ? item : new this.constructor.model(item);
    const key = this.keyOf(model);
    if (this.byId.has(key)) return this.byId.get(key);
    model.collections.add(this);
    this.byId.set(key, model);
    this.trigger("add", model, this, options);
    return model;
  }

  remove(item) {
    const model = this.get(item);
    if (!model) return undefined;
    this.byId.delete(this.keyOf(model));
    model.collections.delete(this);
    this.trigger("remove", model, this);
    return model;
  }

  async find(id) {
    return this.get(id) ?? this.addOne({ id }, {});
  }

  get _models() {
    return [...this.byId.values()];
  }

  get length() {
    return this.byId.size;
  }

  getModelsArray() {
    return this._models;
  }

  toArray() {
    return this._models;
  }

  map(change) {
    return this._models.map(change);
  }

  filter(test) {
    return this._models.filter(test);
  }

  forEach(act) {
    this._models.forEach(act);
  }

  findFirst(test) {
    return this._models.find(test);
  }

  head() {
    return this.byId.values().next().value;
  }

  last() {
    return this._models.at(-1);
  }
}
