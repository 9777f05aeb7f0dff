// The pieces of the compiler, fetched once, checked against what the page was built with, and kept: a compiler that
// had to be stopped is started anew without a network.

// A promise that is forgotten where it fails, so that what it was for can be asked for again.
function again(promise, forget) {
  promise.catch(forget);
  return promise;
}

export class Pieces {
  constructor(table, said) {
    this.table = table;
    this.said = said;
    this.got = 0;
    this.all = ["python", "library", "agpc", "worker"].reduce((sum, name) => sum + table[name].size, 0);
  }

  // What a first check needs.
  first() {
    this.started ??= again(Promise.all(["python", "library", "agpc", "worker"].map((name) => this.#fetched(name))).then(
      ([python, library, agpc, worker]) => ({ python, library, agpc, worker: new TextDecoder().decode(worker) }),
    ), () => (this.started = undefined));
    return this.started;
  }

  // What the target `ir` needs besides.
  schema() {
    this.more ??= again(this.first().then(() => this.#fetched("schema")), () => (this.more = undefined));
    return this.more;
  }

  async #fetched(name) {
    const { file, integrity } = this.table[name];
    const response = await fetch(new URL(file, document.baseURI), { integrity, credentials: "omit", referrerPolicy: "no-referrer" });
    if (!response.ok) throw new Error(`${file}: ${response.status} ${response.statusText}`);
    const reader = response.body.getReader();
    const parts = [];
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      parts.push(read.value);
      this.got += read.value.length;
      if (name !== "schema") this.said(Math.min(1, this.got / this.all));
    }
    const packed = new Blob(parts);
    const start = new Uint8Array(await packed.slice(0, 2).arrayBuffer());
    const is_packed = start[0] === 0x1f && start[1] === 0x8b; // some hosts say so, and the browser has unpacked it
    const stream = is_packed ? packed.stream().pipeThrough(new DecompressionStream("gzip")) : packed.stream();
    return new Response(stream).arrayBuffer();
  }
}
