// What every catalogue holds: the keys of the Portuguese one, which is written first.
import type { pt } from "./pt";

export type Key = keyof typeof pt;
export type Catalogue = Record<Key, string>;
