// Tar archives as streams: POSIX ustar with pax extensions; what GNU tar adds for long names is read as well.
import { concat } from "./bytes.js"
import { TailraceError } from "./errors.js"

/** What a Date can tell, in seconds from 1970: ECMA-262, time values. */
const SECONDS_MAX = 8_640_000_000_000
const BLOCK_BYTES = 512
/** Of a name, which is all that extensions are read for; longer ones are no archive of a server's. */
const EXTENSION_BYTES_MAX = 1 << 20
const NAME_BYTES_MAX = 100
/** What eleven octal digits hold. */
const SIZE_MAX = 8 ** 11 - 1
/** What seven octal digits hold. */
const ID_MAX = 8 ** 7 - 1

/** The two empty blocks that end an archive. */
export const TAR_END = new Uint8Array(2 * BLOCK_BYTES)

/** What an archive says of one of its files. */
export interface TarEntry {
  /** With slashes; of a directory without one at its end. */
  readonly name: string
  readonly type: "file" | "directory" | "link" | "hardlink" | "other"
  /** As chmod(2) has it. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Of a file's bytes, which come behind this. */
  readonly sizeBytes: number
  /** Unix time in seconds. */
  readonly modifiedSeconds: number
  /** Of a link: where it leads. Of a hard link: the name of the entry that it is one more name of. */
  readonly linkTarget: string
}

const TYPES: Record<TarEntry["type"], string> = { file: "0", hardlink: "1", link: "2", directory: "5", other: "" }

/** The header of an entry, with an extension before it where it needs one. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const name = entry.type === "directory" ? `${entry.name}/` : entry.name
  const records: Record<string, string> = {}
  if (!isShort(name)) records["path"] = name
  if (!isShort(entry.linkTarget)) records["linkpath"] = entry.linkTarget
  if (entry.sizeBytes > SIZE_MAX) records["size"] = String(entry.sizeBytes)
  if (entry.uid > ID_MAX) records["uid"] = String(entry.uid)
  if (entry.gid > ID_MAX) records["gid"] = String(entry.gid)
  const header = block(entry, name, TYPES[entry.type])
  if (Object.keys(records).length === 0) return header
  const extension = concat(Object.entries(records).map(([key, value]) => paxRecord(key, value)))
  const about = { ...entry, sizeBytes: extension.length, linkTarget: "" }
  return concat([block(about, "pax", "x"), extension, tarPadding(extension.length), header])
}

/** What fills the last block of so many bytes. */
export function tarPadding(sizeBytes: number): Uint8Array {
  return new Uint8Array((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES)
}

function isShort(text: string): boolean {
  return text.length <= NAME_BYTES_MAX && /^[\x20-\x7e]*$/.test(text)
}

function block(entry: TarEntry, name: string, type: string): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES)
  const put = (at: number, text: string, length: number) => {
    bytes.set(new TextEncoder().encode(text).subarray(0, length), at)
  }
  const octal = (at: number, value: number, length: number, max: number) => {
    put(at, (value > max ? 0 : value).toString(8).padStart(length - 1, "0"), length - 1)
  }
  put(0, isShort(name) ? name : "long", NAME_BYTES_MAX)
  octal(100, entry.mode & 0o7777, 8, ID_MAX)
  octal(108, entry.uid, 8, ID_MAX)
  octal(116, entry.gid, 8, ID_MAX)
  octal(124, entry.sizeBytes, 12, SIZE_MAX)
  octal(136, Math.max(0, Math.floor(entry.modifiedSeconds)), 12, SIZE_MAX)
  put(148, "        ", 8)
  put(156, type, 1)
  put(157, isShort(entry.linkTarget) ? entry.linkTarget : "", NAME_BYTES_MAX)
  put(257, "ustar\0" + "00", 8)
  put(148, `${bytes.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 8)
  return bytes
}

/** `length key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return concat([new TextEncoder().encode(String(length)), rest])
}

/** Reads an archive entry by entry, each with its bytes, which are passed over where they are not taken. */
export class TarReader {
  readonly #source: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()
  /** Of the current entry's bytes and what fills its last block. */
  #bodyLeft = 0
  #paddingLeft = 0

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#source = archive[Symbol.asyncIterator]()
  }

  /** The next entry; undefined behind the last. CORRUPT, INCOMPLETE. */
  async next(): Promise<TarEntry | undefined> {
    const extended = new Map<string, string>()
    for (;;) {
      while ((await this.#some(this.#bodyLeft)) !== undefined);
      await this.#exactly(this.#paddingLeft)
      this.#paddingLeft = 0
      const header = await this.#exactly(BLOCK_BYTES)
      if (header.every(byte => byte === 0)) return undefined
      verify(header)
      const type = text(header, 156, 1)
      const size = Number(extended.get("size") ?? number(header, 124, 12))
      if (!Number.isSafeInteger(size) || size < 0) throw corrupt("size", String(size), "a whole number of bytes")
      const hasBody = !["1", "2", "5"].includes(type)
      this.#bodyLeft = hasBody ? size : 0
      this.#paddingLeft = tarPadding(this.#bodyLeft).length
      if (["x", "g", "L", "K"].includes(type)) await this.#extend(type, size, extended)
      else return entryOf(header, type, this.#bodyLeft, extended)
    }
  }

  /** The bytes of the entry that was read last. */
  async *body(): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const part = await this.#some(this.#bodyLeft)
      if (part === undefined) return
      yield part
    }
  }

  async #extend(type: string, size: number, extended: Map<string, string>): Promise<void> {
    if (size > EXTENSION_BYTES_MAX) throw corrupt("extension", `${size} bytes`, `at most ${EXTENSION_BYTES_MAX}`)
    const bytes = await this.#exactly(size)
    this.#bodyLeft = 0
    if (type === "L" || type === "K") extended.set(type === "L" ? "path" : "linkpath", text(bytes, 0, size))
    for (let at = 0; type === "x" && at < size; ) {
      const length = parseInt(text(bytes, at, 20), 10)
      if (!(length > 0) || at + length > size) throw corrupt("extension", text(bytes, at, 20), "a length and a record")
      const record = text(bytes, at, length)
      const equals = record.indexOf("=")
      extended.set(record.slice(record.indexOf(" ") + 1, equals), record.slice(equals + 1, -1))
      at += length
    }
  }

  /** What there is of the entry's bytes; undefined when that was all. */
  async #some(max: number): Promise<Uint8Array | undefined> {
    if (max === 0) return undefined
    const part = await this.#take(max)
    this.#bodyLeft -= part.length
    return part
  }

  async #exactly(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let left = length; left > 0; ) {
      const part = await this.#take(left)
      parts.push(part)
      left -= part.length
    }
    return concat(parts)
  }

  async #take(max: number): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      const next = await this.#source.next()
      if (next.done === true) throw new TailraceError("INCOMPLETE", "the archive ended before its last entry did")
      this.#chunk = next.value
    }
    const part = this.#chunk.subarray(0, max)
    this.#chunk = this.#chunk.subarray(part.length)
    return part
  }
}

function entryOf(header: Uint8Array, type: string, sizeBytes: number, extended: Map<string, string>): TarEntry {
  const prefix = text(header, 345, 155)
  const isUstar = text(header, 257, 6).startsWith("ustar")
  const name = extended.get("path") ?? (isUstar && prefix !== "" ? `${prefix}/` : "") + text(header, 0, NAME_BYTES_MAX)
  const found = (Object.keys(TYPES) as TarEntry["type"][]).find(each => TYPES[each] === type)
  return {
    name: name.replace(/\/+$/, ""),
    type: type === "" ? "file" : (found ?? "other"),
    mode: number(header, 100, 8) & 0o7777,
    uid: finite("uid", extended.get("uid") ?? number(header, 108, 8)),
    gid: finite("gid", extended.get("gid") ?? number(header, 116, 8)),
    sizeBytes,
    modifiedSeconds: finite("mtime", extended.get("mtime") ?? number(header, 136, 12), SECONDS_MAX),
    linkTarget: extended.get("linkpath") ?? text(header, 157, NAME_BYTES_MAX),
  }
}

function verify(header: Uint8Array): void {
  const sum = header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (number(header, 148, 8) !== sum) throw corrupt("header checksum", String(sum), String(number(header, 148, 8)))
}

/** Up to the first zero byte. */
function text(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end))
}

/** In octal digits or, if the first bit is set, in binary: as star and GNU tar have it, a two's complement behind that bit. */
function number(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at] ?? 0
  if ((first & 0x80) === 0) return parseInt(text(bytes, at, length).trim() || "0", 8)
  const isNegative = (first & 0x40) !== 0
  const magnitude = [first & 0x3f, ...bytes.subarray(at + 1, at + length)]
    .map((byte, index) => (isNegative ? byte ^ (index === 0 ? 0x3f : 0xff) : byte))
    .reduce((value, byte) => value * 256 + byte, 0)
  return isNegative ? -magnitude - 1 : magnitude
}

function finite(name: string, value: number | string, max = Number.MAX_SAFE_INTEGER): number {
  const result = Number(value)
  if (!(Math.abs(result) <= max)) throw corrupt(name, String(value), `a number, at most ${max}`)
  return result
}

function corrupt(name: string, value: string, expected: string): TailraceError {
  return new TailraceError("CORRUPT", `archive ${name}: ${value} (expected: ${expected})`)
}
