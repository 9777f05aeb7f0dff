// A set of policies as the fragment of an address, which no browser sends anywhere: a version, and JSON, compressed.
// What an address holds was written by anybody: it is bounded while it is unpacked, and only texts are taken from it.

export const VERSION = "1";
export const MAX_FRAGMENT = 200_000; // characters
export const MAX_TEXT = 1_000_000; // bytes of JSON
export const MAX_FILES = 40;
const NAME = /^(?!.*(?:^|\/)\.)[A-Za-z0-9_.-]{1,60}(?:\/[A-Za-z0-9_.-]{1,60}){0,3}$/;

export class Unreadable extends Error {}

export function is_name(name) {
  return NAME.test(name) && (name.endsWith(".agp") || name === "agpc.toml");
}

// Whether a file of the name would have to be a directory too, beside files of other names.
export function is_directory(name, others) {
  return others.some((other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`));
}

export async function packed({ files, request, record }) {
  const bytes = new TextEncoder().encode(JSON.stringify({ files, request, record }));
  if (bytes.length > MAX_TEXT) return null;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const small = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = "";
  for (let at = 0; at < small.length; at += 8192) binary += String.fromCharCode(...small.subarray(at, at + 8192));
  const fragment = `${VERSION}.${btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  return fragment.length > MAX_FRAGMENT ? null : fragment;
}

export async function unpacked(fragment) {
  if (fragment.length > MAX_FRAGMENT) throw new Unreadable("it is too long");
  const [version, packed, ...rest] = fragment.split(".");
  if (!/^\d{1,4}$/.test(version) || packed === undefined || rest.length > 0) throw new Unreadable("it is not one of this page");
  if (version !== VERSION) throw new Unreadable("another version of this page made it");
  let text;
  try {
    const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    text = await inflated(Uint8Array.from(binary, (each) => each.charCodeAt(0)));
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable("it is damaged");
  }
  return read(text);
}

async function inflated(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > MAX_TEXT) {
      await reader.cancel();
      throw new Unreadable("it holds too much");
    }
    parts.push(part.value);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(parts).arrayBuffer());
}

function read(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Unreadable("it is damaged");
  }
  const is_text = (value) => typeof value === "string" && value.isWellFormed();
  const files = Object.entries(found?.files ?? {});
  if (files.length === 0 || files.length > MAX_FILES) throw new Unreadable("it holds no policies, or too many");
  for (const [name, content] of files) {
    if (!is_name(name)) throw new Unreadable("it holds a file whose name is none of a policy");
    if (!is_text(content)) throw new Unreadable("it is damaged");
    if (is_directory(name, Object.keys(found.files))) throw new Unreadable("it holds a file that is a directory, too");
  }
  const { request = "", record = "" } = found;
  if (!is_text(request) || !is_text(record)) throw new Unreadable("it is damaged");
  return { files: Object.fromEntries(files), request, record };
}
