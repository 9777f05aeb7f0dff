/**
 * Globs over whole strings, as lists of literal text and wildcards. A character is a code point, and
 * case matters. Matching takes time in proportion to pattern times text.
 */

/** Any run of characters. */
export const ANY = Symbol("*");

/** One character. */
export const ONE = Symbol("?");

/** Whether a glob matches the whole of a text, which is well-formed. */
export function globMatch(parts, text) {
  let here = 0; // in parts
  let there = 0; // in text
  let star = -2; // the last ANY passed, if any,
  let starText = -1; // and where its run ended when last tried
  for (;;) {
    if (here < parts.length) {
      const part = parts[here];
      if (part === ANY) {
        star = here;
        starText = there;
        here += 1;
        if (here === parts.length) {
          return true;
        }
        continue;
      }
      if (part === ONE) {
        if (there < text.length) {
          here += 1;
          there += width(text, there);
          continue;
        }
      } else if (star === here - 1 && here === parts.length - 1) {
        return text.endsWith(part) && text.length - part.length >= there;
      } else if (star === here - 1) {
        const found = text.indexOf(part, there); // straight to the next occurrence
        if (found < 0) {
          return false;
        }
        starText = found;
        here += 1;
        there = found + part.length;
        continue;
      } else if (text.startsWith(part, there)) {
        here += 1;
        there += part.length;
        continue;
      }
    } else if (there === text.length) {
      return true;
    }
    if (star < 0 || starText >= text.length) {
      return false;
    }
    starText += width(text, starText); // let the last ANY take one character more
    here = star + 1;
    there = starText;
  }
}

/** Give how many UTF-16 units the character at a position takes. */
function width(text, at) {
  return text.codePointAt(at) > 0xffff ? 2 : 1;
}
