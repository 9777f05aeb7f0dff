/** When a rule holds: validity and recurring windows of local time. */

import { NANOSECONDS } from "./times.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const ZONES = new Map(); // by name, so that a zone is looked up once

/** From `start`, included, to `end`, excluded, in nanoseconds; null is open. */
export class Validity {
  #start;
  #end;

  constructor(start, end) {
    this.#start = start;
    this.#end = end;
  }

  /** Whether a time is known to be inside. */
  holds(now) {
    return (
      now !== undefined &&
      (this.#start === null || this.#start <= now) &&
      (this.#end === null || now < this.#end)
    );
  }

  /** Whether a time is known to be outside. */
  excludes(now) {
    return now !== undefined && !this.holds(now);
  }
}

/**
 * Minutes of the local day, `start` included, `end` excluded; `end <= start` is the next day.
 *
 * `days` are those on which it starts, 0 for Monday. A zone that the host does not know is an error
 * at once, not a decision later.
 */
export class Window {
  #days;
  #start;
  #end;
  #zone;

  constructor(days, start, end, zone) {
    this.#days = days;
    this.#start = start;
    this.#end = end;
    this.#zone = zoneOf(zone);
  }

  /** Whether a time is known to be inside. */
  holds(now) {
    if (now === undefined) {
      return false;
    }
    const { today, minute } = this.#zone.local(now);
    const startsToday = this.#days.includes(today);
    if (this.#start < this.#end) {
      return startsToday && this.#start <= minute && minute < this.#end;
    }
    const startedYesterday = this.#days.includes((today + 6) % 7);
    return (startsToday && minute >= this.#start) || (startedYesterday && minute < this.#end);
  }

  /** Whether a time is known to be outside. */
  excludes(now) {
    return now !== undefined && !this.holds(now);
  }
}

class Zone {
  #format;
  #now;
  #local;

  constructor(name) {
    this.#format = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: name,
      hourCycle: "h23",
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
    });
  }

  /** Give the weekday and the minute of a time; kept, since several rules ask about one call. */
  local(now) {
    if (now !== this.#now) {
      const found = {};
      for (const { type, value } of this.#format.formatToParts(milliseconds(now))) {
        found[type] = value;
      }
      this.#local = {
        today: DAYS.indexOf(found.weekday),
        minute: Number(found.hour) * 60 + Number(found.minute),
      };
      this.#now = now;
    }
    return this.#local;
  }
}

function zoneOf(name) {
  let zone = ZONES.get(name);
  if (zone === undefined) {
    zone = new Zone(name);
    ZONES.set(name, zone);
  }
  return zone;
}

/** Give the whole second that a time lies in, as Date counts. */
function milliseconds(time) {
  const seconds = time / NANOSECONDS; // rounds towards 1970
  return Number(time % NANOSECONDS < 0n ? seconds - 1n : seconds) * 1000;
}
