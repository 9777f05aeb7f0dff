/**
 * Domains, email addresses and URLs: one exact form of each, which every reader takes alike.
 *
 * Whoever checks a host and whoever connects to it are different programs, and an attacker writes what
 * these read differently. So what has a second spelling, or is read in two ways by anybody, is none here.
 * Each function gives undefined for what is not of its kind.
 */

const MAX_DOMAIN = 253;
const MAX_LOCAL = 64;
const MAX_EMAIL = 254;
const MAX_PORT = 65_535;
const DEFAULT_PORTS = { http: 80, https: 443 };
const GROUPS = 8;

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const NUMERIC_END = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/; // which many read as an IPv4 address
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LOCAL = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);
const ASCII = /^[\x20-\x7e]*$/;
const BEFORE_PATH = /(https?):\/\/(?:([a-z0-9.-]+)|\[([0-9a-f:]+)\])(?::([1-9][0-9]{0,4}))?/;
const PATH = /(\/(?:[A-Za-z0-9!$&'()*+,./:;=@_~-]|%[0-9A-Fa-f]{2})*)/;
const QUERY = /\?((?:[A-Za-z0-9!$&'()*+,./:;=@_~?-]|%[0-9A-Fa-f]{2})*)/;
const URL_FORM = new RegExp(`^${BEFORE_PATH.source}(?:${PATH.source}(?:${QUERY.source})?)?$`);
const ODD_ESCAPE = /%2[eE]|%00/;
const DOT_SEGMENT = /(?:\/|%2[fF]|%5[cC])\.{1,2}(?:\/|%2[fF]|%5[cC]|$)/;
const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const IPV6_GROUP = /^(?:0|[1-9a-f][0-9a-f]{0,3})$/;
const MAPPED = /^::ffff:[0-9a-f]+:[0-9a-f]+$/; // whose one form is that of the IPv4 address

/** Read a DNS name in lower case, of letters, digits and hyphens, without a dot at the end. */
export function readDomain(value) {
  const is =
    typeof value === "string" &&
    value.length <= MAX_DOMAIN &&
    DOMAIN.test(value) &&
    !NUMERIC_END.test(value);
  return is ? value : undefined;
}

/** Read one address, with its domain in lower case, which makes no difference to it. */
export function readEmail(value) {
  if (typeof value !== "string" || value.length > MAX_EMAIL || !ASCII.test(value)) {
    return undefined;
  }
  const at = value.lastIndexOf("@");
  const local = value.slice(0, Math.max(at, 0));
  const domain = readDomain(value.slice(at + 1).toLowerCase());
  return domain === undefined || local.length > MAX_LOCAL || !LOCAL.test(local)
    ? undefined
    : `${local}@${domain}`;
}

/** Read the domain of an email address, in lower case. */
export function readEmailDomain(value) {
  const email = readEmail(value);
  return email?.slice(email.lastIndexOf("@") + 1);
}

/** Read a domain, or an address in its one form. */
export function readHost(value) {
  const isAddress = typeof value === "string" && (IPV4.test(value) || isIpv6(value));
  return isAddress ? value : readDomain(value);
}

/** Whether text is an IPv6 address as RFC 5952 has it, all in hexadecimal. */
function isIpv6(text) {
  const halves = text.split("::");
  const [left, right] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const groups = [...left, ...(right ?? [])];
  if (halves.length > 2 || MAPPED.test(text) || !groups.every((each) => IPV6_GROUP.test(each))) {
    return false;
  }
  if (right === undefined) {
    return groups.length === GROUPS && zerosIn(groups) < 2;
  }
  const gap = GROUPS - groups.length;
  const ends = left.at(-1) === "0" || right[0] === "0";
  return gap >= 2 && !ends && zerosIn(left) < gap && zerosIn(right) <= gap;
}

/** How many zeros stand beside each other at most. */
function zerosIn(groups) {
  let most = 0;
  let run = 0;
  for (const group of groups) {
    run = group === "0" ? run + 1 : 0;
    most = Math.max(most, run);
  }
  return most;
}

/** Split an absolute URL of `http` or `https` without anything odd in it. */
function splitUrl(value) {
  const match = typeof value === "string" ? URL_FORM.exec(value) : null;
  if (match === null) {
    return undefined;
  }
  const [, scheme, name, address, digits, path = "/", query] = match;
  const host = readHost(name ?? address);
  const port = digits === undefined ? DEFAULT_PORTS[scheme] : Number(digits);
  if (host === undefined || host.includes(":") === (address === undefined) || port > MAX_PORT) {
    return undefined;
  }
  if (ODD_ESCAPE.test(path + (query ?? "")) || DOT_SEGMENT.test(path)) {
    return undefined;
  }
  return { scheme, host, port, path, query };
}

/** Read a URL as the text that stands for all that are equal to it: without the port that goes without saying. */
export function readUrl(value) {
  const url = splitUrl(value);
  if (url === undefined) {
    return undefined;
  }
  const host = url.host.includes(":") ? `[${url.host}]` : url.host;
  const port = url.port === DEFAULT_PORTS[url.scheme] ? "" : `:${url.port}`;
  const query = url.query === undefined ? "" : `?${url.query}`;
  return `${url.scheme}://${host}${port}${url.path}${query}`;
}

/** Read the scheme of a URL. */
export function readUrlScheme(value) {
  return splitUrl(value)?.scheme;
}

/** Read the host of a URL, a domain or an address. */
export function readUrlHost(value) {
  return splitUrl(value)?.host;
}

/** Read the port of a URL, or the one that goes without saying. */
export function readUrlPort(value) {
  return splitUrl(value)?.port;
}

/** Read the path of a URL, which is `/` at least. */
export function readUrlPath(value) {
  return splitUrl(value)?.path;
}

/** Read the query of a URL, without its `?`; of none, the empty text. */
export function readUrlQuery(value) {
  const url = splitUrl(value);
  return url === undefined ? undefined : (url.query ?? "");
}

/** Whether a host is a domain or below it; an address is not. Unknown if there is none. */
export function isBelow(value, domain) {
  if (value === undefined || domain === undefined) {
    return undefined;
  }
  return value === domain || value.endsWith(`.${domain}`);
}
