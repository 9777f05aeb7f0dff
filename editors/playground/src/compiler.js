// The compiler as the page asks it: one question after the other, in a thread of its own, which is ended and started
// anew where a question takes too long or nobody waits for its answer any more.

export const LIMIT = 30_000; // milliseconds that a question may take
const STALE = 4_000; // that one goes on which the next has overtaken: starting anew takes about as long

export class Stopped extends Error {}

const scripts = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: (address) => address });

export class Compiler {
  constructor(pieces, lock, said) {
    this.pieces = pieces;
    this.lock = lock;
    this.said = said; // told of each change: "loading", "ready", "working"
    this.waiting = [];
    this.current = null;
    this.numbers = 0;
    this.limit = LIMIT;
    this.#start();
  }

  // Ask, and get what the engine answers. A question of a kind that is asked again is dropped: its answer is null.
  ask(question, kind = null) {
    return new Promise((resolve, reject) => {
      const asked = { id: ++this.numbers, question, kind, resolve, reject, is_stale: false };
      if (kind !== null) {
        for (const each of this.waiting.filter((other) => other.kind === kind)) each.resolve(null);
        this.waiting = this.waiting.filter((other) => other.kind !== kind);
        if (this.current?.kind === kind) {
          this.current.is_stale = true;
          const left = Math.max(0, STALE - (performance.now() - this.current.since));
          const overtaken = this.current;
          setTimeout(() => this.current === overtaken && this.#restart(null), left);
        }
      }
      this.waiting.push(asked);
      this.#next();
    });
  }

  // End what it does, at once.
  stop() {
    if (this.current !== null) this.#restart(new Stopped("stopped"));
  }

  async #start() {
    this.is_ready = false;
    this.has_schema = false;
    this.said("loading");
    const generation = (this.generation = {});
    try {
      const { worker, ...pieces } = await this.pieces.first();
      if (this.generation !== generation) return;
      const address = URL.createObjectURL(new Blob([worker], { type: "text/javascript" }));
      this.worker = new Worker(scripts?.createScriptURL(address) ?? address, { type: "module" });
      this.worker.onmessage = ({ data }) => this.generation === generation && this.#told(data);
      this.worker.onerror = (event) => this.generation === generation && this.#broken(event.message || "it ended");
      this.worker.postMessage({ pieces: { ...pieces, lock: this.lock } });
    } catch (error) {
      this.said("failed", String(error.message ?? error));
    }
  }

  #told({ ready, id, answer, failed }) {
    if (ready) {
      this.is_ready = true;
      this.said("ready");
      this.#next();
    } else if (failed !== undefined) {
      this.#broken(failed);
    } else if (this.current?.id === id) {
      const { resolve, is_stale, timer } = this.current;
      clearTimeout(timer);
      this.current = null;
      resolve(is_stale ? null : JSON.parse(answer));
      this.#next();
    }
  }

  async #next() {
    if (!this.is_ready || this.current !== null) return;
    if (this.waiting.length === 0) return void this.said("ready");
    const asked = (this.current = this.waiting.shift());
    asked.since = performance.now();
    this.said("working");
    if (asked.question.schema && !this.has_schema) {
      try {
        const schema = await this.pieces.schema();
        if (this.current !== asked) return;
        this.worker.postMessage({ schema });
        this.has_schema = true;
      } catch (error) {
        this.current = null;
        asked.reject(error);
        return this.#next();
      }
    }
    asked.timer = setTimeout(() => {
      const seconds = Math.round(this.limit / 1000);
      this.#restart(new Stopped(`stopped after ${seconds} seconds: this takes too long for a page; the agpc command has no such limit`));
    }, this.limit);
    this.worker.postMessage({ id: asked.id, question: JSON.stringify(asked.question) });
  }

  // The engine itself failed, as where memory ran out: what it was asked fails, and a new one is started.
  #broken(why) {
    const text = `the compiler was stopped, and starts anew: ${why.trim().split("\n").at(-1)}`;
    if (this.current === null && !this.is_ready) return void this.said("failed", text);
    this.#restart(new Stopped(text));
  }

  #restart(error) {
    this.worker?.terminate();
    const asked = this.current;
    this.current = null;
    if (asked !== null) {
      clearTimeout(asked.timer);
      if (error === null) asked.resolve(null);
      else asked.reject(error);
    }
    this.#start();
  }
}
