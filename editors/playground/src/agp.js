// How AGP is coloured: the words are those of the grammar's own tables, from which the page is built.

import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";

const KEYWORDS = new Set(WORDS);
const TOKENS = [
  [/##.*/y, "docComment"],
  [/#.*/y, "comment"],
  [/"(?:\\.|[^"\\])*"?/y, "string"],
  [/\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d))?/y, "literal"],
  [/-?\d[\d_]*(?:\.\d+)?(?:ms|[smhd])?\b/y, "number"],
  [/[A-Za-z_][\w.-]*[.:-][\w.-]*\w/y, "name"],
  [/[A-Za-z_]\w*/y, "word"],
  [/==|!=|<=|>=|->|[<>=+]/y, "operator"],
  [/[{}()[\],.:*@|?/]/y, "punctuation"],
];

export const agp = StreamLanguage.define({
  name: "agp",
  token(stream) {
    if (stream.eatSpace()) return null;
    for (const [pattern, kind] of TOKENS) {
      pattern.lastIndex = stream.pos;
      const found = pattern.exec(stream.string);
      if (found === null) continue;
      stream.pos += found[0].length;
      if (kind === "word") return KEYWORDS.has(found[0]) ? "keyword" : "name";
      return kind;
    }
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "#" } },
});

export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, class: "hl-keyword" },
    { tag: [tags.comment, tags.docComment], class: "hl-comment" },
    { tag: tags.string, class: "hl-string" },
    { tag: [tags.number, tags.literal, tags.bool, tags.null], class: "hl-number" },
    { tag: [tags.operator, tags.punctuation], class: "hl-operator" },
    { tag: tags.propertyName, class: "hl-property" },
  ]),
);
