// One line about the last message.
import { beforeEach, expect, test } from "vitest";
import { setLocale } from "../../locales";
import { pt } from "../../locales/pt";
import { preview } from "./preview";

beforeEach(() => setLocale("pt-BR", pt));

const line = (kind: Parameters<typeof preview>[0]["kind"], text = "") => preview({ kind, text });

test("text stands without its marks, on one line", () => {
  expect(line("text", "Oi *Ana*,\n\n_tudo_ bem?")).toEqual({ icon: null, text: "Oi Ana, tudo bem?" });
});

test("what has no text is told by an icon and a word, a caption goes before the word", () => {
  expect(line("image").text).toBe("Foto");
  expect(line("image", "A *vermelha*").text).toBe("A vermelha");
  expect(line("voice").text).toBe("Mensagem de voz");
  expect(line("voice").icon).toContain("<svg");
});

test("a shared contact is told by its name", () => {
  expect(line("contact", "BEGIN:VCARD\nFN:Cláudia Portaria\nTEL:+55").text).toBe("Cláudia Portaria");
  expect(line("contact").text).toBe("Contato");
});

test("a kind that is newer than this page is shown by its text", () => {
  expect(line("poll" as "text", "Qual sabor?")).toEqual({ icon: null, text: "Qual sabor?" });
});
