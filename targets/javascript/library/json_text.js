/**
 * JSON text to data, stricter than JSON.parse: a name that stands twice in one object is an error,
 * since two readers could take two values, and an integer that no double equals stays known as one.
 */

import { INEXACT } from "./json_data.js";

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SAFE_LENGTH = 15; // so many characters are an integer that every double carries
const MOST_LENGTH = 310; // the digits of the largest double, and a sign
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const WORDS = [
  ["null", null],
  ["true", true],
  ["false", false],
];

/** Read a text as `copied` would give it; throws a SyntaxError where it is no JSON. */
export function parsed(text) {
  return new Reader(text).read();
}

class Reader {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  /** Read the whole text. Iterative, since it may nest deeper than the stack. */
  read() {
    const holders = [];
    const keys = []; // for each holder that is an object, the name that waits for its value
    for (;;) {
      let value;
      const start = this.#next();
      if (start === "{" || start === "[") {
        this.#at += 1;
        const holder = start === "{" ? new Map() : [];
        if (this.#next() === closing(holder)) {
          this.#at += 1;
          value = holder;
        } else {
          holders.push(holder);
          keys.push(start === "{" ? this.#key(holder) : null);
          continue;
        }
      } else {
        value = this.#scalar(start);
      }
      for (;;) {
        if (holders.length === 0) {
          return this.#next() === "" ? value : this.#fail();
        }
        const holder = holders[holders.length - 1];
        const isList = Array.isArray(holder);
        if (isList) {
          holder.push(value);
        } else {
          holder.set(keys[keys.length - 1], value);
        }
        const mark = this.#next();
        this.#at += 1;
        if (mark === ",") {
          if (!isList) {
            keys[keys.length - 1] = this.#key(holder);
          }
          break;
        }
        if (mark !== closing(holder)) {
          this.#fail();
        }
        value = holder;
        holders.pop();
        keys.pop();
      }
    }
  }

  /** Skip white space, and give the character after it, or "" at the end. */
  #next() {
    let character = this.#text.charAt(this.#at);
    while (character === " " || character === "\n" || character === "\r" || character === "\t") {
      this.#at += 1;
      character = this.#text.charAt(this.#at);
    }
    return character;
  }

  /** Read the name of a value, and the colon after it. */
  #key(holder) {
    const key = this.#next() === '"' ? this.#string() : this.#fail();
    if (holder.has(key) || this.#next() !== ":") {
      this.#fail();
    }
    this.#at += 1;
    return key;
  }

  #scalar(start) {
    if (start === '"') {
      return this.#string();
    }
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #string() {
    const start = this.#at;
    let escaped = false;
    let unit = -1;
    for (this.#at += 1; unit !== QUOTE; this.#at += 1) {
      unit = this.#text.charCodeAt(this.#at);
      if (unit === BACKSLASH) {
        escaped = true;
        this.#at += 1;
      } else if (!(unit >= 0x20)) {
        this.#fail(); // a control character, or the end
      }
    }
    const written = this.#text.slice(start, this.#at);
    return escaped ? JSON.parse(written) : written.slice(1, -1);
  }

  #number() {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) {
      this.#fail();
    }
    const [written, fraction, exponent] = match;
    this.#at += written.length;
    const value = Number(written);
    if (fraction !== undefined || exponent !== undefined || written.length <= SAFE_LENGTH) {
      return value;
    }
    if (written.length > MOST_LENGTH || !Number.isFinite(value)) {
      return INEXACT;
    }
    return BigInt(value) === BigInt(written) ? value : INEXACT;
  }

  #fail() {
    throw new SyntaxError(`no JSON at ${this.#at}`);
  }
}

function closing(holder) {
  return Array.isArray(holder) ? "]" : "}";
}
