// Which connections are shown, and in which order.
import { expect, test } from "vitest";
import type { Connection } from "../api/shapes";
import { chosen, moved } from "./choosing";

const number = (name: string, over: Partial<Connection> = {}): Connection => ({
  id: name,
  version: 1,
  name,
  driver: "browser",
  should_run: true,
  state: "connected",
  reason: "",
  detail: "",
  state_at: "2026-11-20T11:59:00.000Z",
  phone: null,
  profile_name: "",
  sector: null,
  position: 0,
  degraded_by: "",
  restricted_until: null,
  down_since: null,
  ...over,
});

const SHOP = number("Loja", { phone: "+5511987654321", profile_name: "Padaria São João" });
const ILL = number("Matriz", { degraded_by: "silent" });
const AWAY = number("Filial", { state: "reconnecting" });
const ASLEEP = number("Antiga", { state: "stopped", sector: { id: "s", name: "Suporte", color: "#fff" } });
const ALL = [SHOP, ILL, AWAY, ASLEEP];
const names = (rows: Connection[]) => rows.map((row) => row.name);

test("trouble is what is away, and what only says it is well", () => {
  expect(names(chosen(ALL, "trouble", ""))).toEqual(["Matriz", "Filial"]);
  expect(names(chosen(ALL, "resting", ""))).toEqual(["Antiga"]);
  expect(chosen(ALL, "all", "")).toHaveLength(4);
});

test.each([
  ["sao joao", ["Loja"]],
  ["+55 (11) 98765", ["Loja"]],
  ["SUPORTE", ["Antiga"]],
  ["  ", names(ALL)],
  ["nobody", []],
])("searching %s", (text, found) => {
  expect(names(chosen(ALL, "all", text))).toEqual(found);
});

test("a card is moved to a place, and never beyond the ends", () => {
  expect(moved(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], "c", -5)).toEqual(["c", "a", "b"]);
  expect(moved(["a", "b", "c"], "a", Infinity)).toEqual(["b", "c", "a"]);
});
