// JSON whose numbers stay as they are written: a request is read strictly, and 1.0 or a number of twenty digits has to
// reach the compiler as it left it. Browsers that cannot do that yet give what JSON.parse gives.

export function exactly(text) {
  if (JSON.rawJSON === undefined) return JSON.parse(text);
  return JSON.parse(text, (key, value, { source }) => (typeof value === "number" ? JSON.rawJSON(source) : value));
}
