// Message text as elements. No HTML is ever built from what people write.
import { useMemo } from "preact/hooks";
import { type Node, parse } from "./markup";

export function Rich({ text }: { text: string }) {
  const nodes = useMemo(() => parse(text), [text]);
  return <>{nodes.map(element)}</>;
}

function element(node: Node, key: number) {
  switch (node.kind) {
    case "text":
      return node.text;
    case "bold":
      return <strong key={key}>{node.children.map(element)}</strong>;
    case "italic":
      return <em key={key}>{node.children.map(element)}</em>;
    case "strike":
      return <s key={key}>{node.children.map(element)}</s>;
    case "mono":
      return (
        <code key={key} class={node.block ? "mono-block" : "mono"}>
          {node.text}
        </code>
      );
    case "link":
      return (
        <a key={key} class="rich-link" href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {node.text}
        </a>
      );
  }
}
