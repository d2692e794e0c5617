// WhatsApp's markup, as people really write it.
import { describe, expect, test } from "vitest";
import { isJumbo, type Node, parse, plain } from "./markup";
import { sharedContact } from "./vcard";

/** A short form to compare with: b(…) i(…) s(…) m(…) a(…). */
function short(nodes: Node[]): string {
  return nodes
    .map((node) => {
      if (node.kind === "text") return node.text;
      if (node.kind === "mono") return `${node.block ? "M" : "m"}(${node.text})`;
      if (node.kind === "link") return `a(${node.text}|${node.href})`;
      return `${node.kind[0]}(${short(node.children)})`;
    })
    .join("");
}

describe("marks", () => {
  test.each([
    ["oi *gente*!", "oi b(gente)!"],
    ["_um_ ~dois~ *três*", "i(um) s(dois) b(três)"],
    ["*_os dois_*", "b(i(os dois))"],
    ["*a _b ~c~_*", "b(a i(b s(c)))"],
    ["2*3*4 e snake_case_name", "2*3*4 e snake_case_name"],
    ["* não *", "* não *"],
    ["*sem fim", "*sem fim"],
    ["**", "**"],
    ["*uma\nlinha*", "*uma\nlinha*"],
    ["(*sim*), *claro*.", "(b(sim)), b(claro)."],
    ["*ação* é com ç", "b(ação) é com ç"],
    ["*a* e *b*", "b(a) e b(b)"],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(short(parse(text))).toBe(expected);
  });
});

describe("mono", () => {
  test.each([
    ["use ```npm *run*```", "use m(npm *run*)"],
    ["```\num\ndois\n```", "M(um\ndois)"],
    ["cep `13015-002` ok", "cep m(13015-002) ok"],
    ["```sem fim", "```sem fim"],
    ["`` e `", "`` e `"],
  ])("%j", (text, expected) => {
    expect(short(parse(text))).toBe(expected);
  });
});

describe("links", () => {
  test.each([
    ["veja https://a.com/x_y_z.", "veja a(https://a.com/x_y_z|https://a.com/x_y_z)."],
    ["(https://a.com/b_(c))", "(a(https://a.com/b_(c)|https://a.com/b_(c)))"],
    ["*olha https://a.com/q?a=1*", "b(olha a(https://a.com/q?a=1|https://a.com/q?a=1))"],
    ["www.acme.com.br, ok", "a(www.acme.com.br|https://www.acme.com.br), ok"],
    ["ana@acme.com.br?", "a(ana@acme.com.br|mailto:ana@acme.com.br)?"],
    ["javascript:alert(1)", "javascript:alert(1)"],
    ["data:text/html,x", "data:text/html,x"],
  ])("%j", (text, expected) => {
    expect(short(parse(text))).toBe(expected);
  });

  test("a link is only ever http, https or mailto", () => {
    const text = "x https://a.b http://c.d www.e.f g@h.i ftp://j.k //l.m";
    for (const node of parse(text)) {
      if (node.kind === "link") expect(node.href).toMatch(/^(https?:\/\/|mailto:)/);
    }
  });
});

test("what is not markup is text: HTML stays what was written", () => {
  const text = '<img src=x onerror="alert(1)"> *a*';
  expect(plain(parse(text))).toBe('<img src=x onerror="alert(1)"> a');
});

test("texts made of marks take linear time", () => {
  for (const unit of ["*a ", "_", "`", "```", "~*_", "* *", "(https://a.b/"]) {
    const started = performance.now();
    parse(unit.repeat(65_536 / unit.length));
    expect(performance.now() - started).toBeLessThan(1_000);
  }
});

test("nothing of a text is lost but its marks", () => {
  const text = "Oi *Ana*, _tudo_ ~bem~? ```x``` `y` www.a.com\n*linha* nova";
  expect(plain(parse(text))).toBe("Oi Ana, tudo bem? x y www.a.com\nlinha nova");
});

test.each([
  ["👍", true],
  ["😍😍😍", true],
  ["👩‍👩‍👧", true],
  ["🇧🇷", true],
  ["❤️", true],
  ["👍🏽", true],
  ["😍😍😍😍", false],
  ["ok 👍", false],
  ["123", false],
  ["", false],
])("%s alone is shown large: %s", (text, isLarge) => {
  expect(isJumbo(text)).toBe(isLarge);
});

test("a shared contact is read from a vCard, or from a name and numbers", () => {
  const card =
    "BEGIN:VCARD\nVERSION:3.0\nN:Lima;Ana\nFN:Ana Lima\nitem1.TEL;waid=55:+5511987654321\nEND:VCARD";
  expect(sharedContact(card)).toEqual({ name: "Ana Lima", phones: ["+5511987654321"] });
  expect(sharedContact("Ana Lima\n+5511987654321")).toEqual({ name: "Ana Lima", phones: ["+5511987654321"] });
  expect(sharedContact("")).toEqual({ name: "", phones: [] });
});
