/** Times, as nanoseconds since 1970 in a BigInt, and durations, in nanoseconds. */

export const NANOSECONDS = 1_000_000_000n; // of a second

const TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;
const DURATION = /^(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,12})s)?$/;
const LONGEST = 64; // characters, more than any time or duration has
const FIRST_YEAR = 1677; // Date.UTC takes a year below 100 for another one
const EARLIEST = -(2n ** 63n);
const LATEST = 2n ** 63n - 1n;
const MOST_SECONDS = 36_500 * 86_400; // of a duration

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;

/** Read a date of the Gregorian calendar as its day, of which 0001-01-01 is the first. */
export function readDate(value) {
  const match = typeof value === "string" ? DATE.exec(value) : null;
  if (match === null) {
    return undefined;
  }
  const [year, month, day] = match.slice(1).map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) {
    return undefined;
  }
  const before = year - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  let days = 365 * before + leaps + day;
  for (let earlier = 1; earlier < month; earlier += 1) {
    days += daysIn(year, earlier);
  }
  return days;
}

/**
 * Read an RFC 3339 instant: upper-case `T` and `Z`, at most nine digits of fraction, no leap
 * second, within a signed 64-bit count of nanoseconds. Undefined if it is none.
 */
export function readTime(value) {
  if (typeof value !== "string" || value.length > LONGEST) {
    return undefined;
  }
  const match = TIME.exec(value);
  if (match === null) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const offsetHour = Number(match[9] ?? 0);
  const offsetMinute = Number(match[10] ?? 0);
  if (
    year < FIRST_YEAR ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysIn(year, month) ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    offsetHour > 23 ||
    offsetMinute > 59
  ) {
    return undefined;
  }
  const offset = (offsetHour * 60 + offsetMinute) * (match[8] === "-" ? -60_000 : 60_000);
  const seconds = (Date.UTC(year, month - 1, day, hour, minute, second) - offset) / 1000;
  const instant = BigInt(seconds) * NANOSECONDS + BigInt((match[7] ?? "0").padEnd(9, "0"));
  return instant >= EARLIEST && instant <= LATEST ? instant : undefined;
}

/** Read a duration such as `1h30m`: days, hours, minutes, seconds, each once, 36,500 days at most. */
export function readDuration(value) {
  if (typeof value !== "string" || value === "" || value.length > LONGEST) {
    return undefined;
  }
  const match = DURATION.exec(value);
  if (match === null) {
    return undefined;
  }
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return total <= MOST_SECONDS ? BigInt(total) * NANOSECONDS : undefined;
}

/** Give the time since a time; undefined if either is unknown or the time has not come. */
export function age(now, time) {
  return now === undefined || time === undefined || time > now ? undefined : now - time;
}

function daysIn(year, month) {
  if (month === 2) {
    return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  }
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
