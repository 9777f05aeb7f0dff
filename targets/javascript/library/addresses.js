/**
 * IP addresses as text that sorts as they do: `4` and 8 hexadecimal digits, or `6` and 32.
 * Equal addresses are equal strings, however they were written.
 */

const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${[OCTET, OCTET, OCTET, OCTET].join("\\.")}$`);
const HEXTET = /^[0-9A-Fa-f]{1,4}$/;
const HEXTETS = 8;
const LONGEST = 45; // characters, of eight hextets of which the last two are written as IPv4
const MAPPED = "600000000000000000000ffff"; // what stands before the IPv4 address (RFC 4291, 2.5.5.2)

/**
 * Read an address; undefined if it is none, or has a zone, which means nothing elsewhere.
 *
 * An IPv4-mapped IPv6 address is the IPv4 address that it maps.
 */
export function readAddress(value) {
  if (typeof value !== "string" || value.length > LONGEST) {
    return undefined;
  }
  const digits = readIpv4(value);
  if (digits !== undefined) {
    return `4${digits}`;
  }
  const found = readIpv6(value);
  return found?.startsWith(MAPPED) ? `4${found.slice(MAPPED.length)}` : found;
}

/** Read an IPv4 address as eight hexadecimal digits. */
function readIpv4(text) {
  const match = IPV4.exec(text);
  return match?.slice(1).map(hexadecimal(2)).join("");
}

function readIpv6(text) {
  const colon = text.lastIndexOf(":");
  let written = text;
  if (text.includes(".")) {
    const digits = readIpv4(text.slice(colon + 1));
    if (digits === undefined) {
      return undefined;
    }
    written = `${text.slice(0, colon + 1)}${digits.slice(0, 4)}:${digits.slice(4)}`;
  }
  const halves = written.split("::");
  if (halves.length > 2 || colon < 0) {
    return undefined;
  }
  const [first, last] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const count = first.length + (last?.length ?? 0);
  if (last === undefined ? count !== HEXTETS : count >= HEXTETS) {
    return undefined;
  }
  const hextets = [...first, ...Array(HEXTETS - count).fill("0"), ...(last ?? [])];
  if (!hextets.every((hextet) => HEXTET.test(hextet))) {
    return undefined;
  }
  return `6${hextets.map((hextet) => hextet.toLowerCase().padStart(4, "0")).join("")}`;
}

function hexadecimal(length) {
  return (decimal) => Number(decimal).toString(16).padStart(length, "0");
}

/** Ranges of addresses, from first to last, in order and apart. */
export class Ranges {
  #ranges;

  constructor(ranges) {
    this.#ranges = ranges;
  }

  /** Whether an address (`readAddress`) lies in one of them. */
  has(address) {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle][0] <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low > 0 && address <= this.#ranges[low - 1][1];
  }
}
