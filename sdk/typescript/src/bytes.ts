/**
 * Bytes whose `toString()` is their text as UTF-8: Node's Buffer where there is one, so also in a program's types; in a
 * browser a Uint8Array that does likewise.
 */
export type Bytes = typeof globalThis extends { Buffer: { from(...values: never[]): infer B } } ? B : Utf8Bytes

/** A Uint8Array that is shown as the text it holds, as Node's Buffer is. */
export class Utf8Bytes extends Uint8Array {
  override toString(): string {
    return new TextDecoder().decode(this)
  }
}

interface BufferConstructor {
  from(bytes: ArrayBufferLike, offset: number, length: number): Bytes
}

/** A view of the same bytes. */
export function bytesOf(bytes: Uint8Array): Bytes {
  const buffer = (globalThis as { Buffer?: BufferConstructor }).Buffer
  return buffer === undefined
    ? (new Utf8Bytes(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength) as unknown as Bytes)
    : buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The bytes of a text, or the bytes themselves. */
export function encoded(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data
}

/** All parts as one. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
