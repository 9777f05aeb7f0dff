// Where a diagnostic stands in a document: its lines and columns are counted from 1, and columns in characters, of
// which some are two units of a JavaScript string.

export function offset(doc, line, column) {
  if (line > doc.lines) return doc.length;
  const { from, text } = doc.line(Math.max(1, line));
  let units = 0;
  for (const character of text) {
    if (--column <= 0) break;
    units += character.length;
  }
  return from + units;
}

// What the editor underlines, for each file: each place of a diagnostic, in the words of `agpc check`.
const MOST = 500; // of one file: an editor with more is slow, and nobody reads them

export function underlined(diagnostics, documents) {
  const found = new Map([...documents.keys()].map((name) => [name, []]));
  for (const each of diagnostics) {
    each.labels.forEach((label, number) => {
      const name = label.file.replace(/^policies\//, "");
      const doc = documents.get(name);
      if (doc === undefined || found.get(name).length >= MOST) return;
      const from = offset(doc, label.line, label.column);
      const to = Math.max(from, offset(doc, label.end_line, label.end_column));
      const lines = [`${each.severity}[${each.code}]: ${each.message}`];
      if (label.text) lines.push(label.text);
      if (number === 0) lines.push(...each.notes.map((note) => `note: ${note}`), ...(each.help ? [`help: ${each.help}`] : []));
      found.get(name).push({ from, to, severity: number === 0 ? each.severity : "info", message: lines.join("\n"), source: each.code });
    });
  }
  return found;
}
