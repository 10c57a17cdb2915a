import { bytesOf, concat, encoded, type Bytes } from "./bytes.js"
import type { CallOptions } from "./call-options.js"
import type { Connection } from "./connection.js"
import { invalid, TailraceError } from "./errors.js"
import { PathStatus_Type, type PathStatus as WireStatus } from "./gen/tailrace/v1/containers_pb.js"
import { pieces, SentArchive } from "./sent-archive.js"
import { TAR_END, tarHeader, tarPadding, TarReader } from "./tar.js"
import { dateOf } from "./wire.js"

/** What `readFile` holds at most; `streamFile` has no limit. */
const COLLECTED_BYTES_MAX = 64 << 20
const MODE_DEFAULT = 0o644

/** What a path in a container is. */
export interface PathStatus {
  /** The path's last part. */
  readonly name: string
  /** `other`: a device, a named pipe, a socket. */
  readonly type: "file" | "directory" | "link" | "other"
  /** Of a file. */
  readonly sizeBytes: number
  /** As chmod(2) has it. */
  readonly mode: number
  readonly modifiedAt: Date | undefined
  /** Of a symbolic link: where it leads. */
  readonly linkTarget: string
}

/** How files are copied. */
export interface CopyOptions extends CallOptions {
  /**
   * Whether they keep their owners (for which a copy to this machine needs root) and their setuid and setgid bits; else they
   * belong to root in a container, and on this machine to whoever copies.
   */
  keepsOwner?: boolean
  /** Whether a source that is a symbolic link is followed; links below it never are. */
  followsLink?: boolean
}

/** What a file that is written is to be. */
export interface NewFileOptions {
  /** As chmod(2) has it; by default 0o644. */
  mode?: number
  /** By default 0, as `gid`. */
  uid?: number
  gid?: number
}

/** What writing a file takes. */
export interface WriteFileOptions extends NewFileOptions, CallOptions {}

/** The files of one container, by the archives that go in and come out. */
export class Files {
  readonly connection: Connection
  readonly #container: string

  constructor(connection: Connection, container: string) {
    this.connection = connection
    this.#container = container
  }

  async stat(path: string, options?: CallOptions): Promise<PathStatus> {
    const request = { container: this.#container, path: absolute("path", path) }
    return statusOf(await this.connection.ask(wire => this.connection.files.stat(request, wire), options))
  }

  /** As {@link stat}; undefined if there is nothing. */
  async find(path: string, options?: CallOptions): Promise<PathStatus | undefined> {
    try {
      return await this.stat(path, options)
    } catch (error) {
      if (error instanceof TailraceError && error.code === "NOT_FOUND") return undefined
      throw error
    }
  }

  async *readArchive(path: string, options: CallOptions = {}): AsyncGenerator<Bytes, void, void> {
    const request = { container: this.#container, path: absolute("path", path) }
    for await (const { message } of this.connection.stream(wire => this.connection.files.read(request, wire), options)) {
      if (message.case === "data") yield bytesOf(message.value)
    }
  }

  async writeArchive(
    directory: string,
    archive: Uint8Array | AsyncIterable<Uint8Array>,
    options: CallOptions = {},
  ): Promise<void> {
    const connection = this.connection
    if (!connection.isDuplex) {
      throw new TailraceError("UNSUPPORTED", "files cannot be written over gRPC-Web (expected: Node)")
    }
    const open = { container: this.#container, directory: absolute("directory", directory) }
    const sent = new SentArchive(open, archive)
    try {
      await connection.call(wire => connection.files.write(sent.requests(), wire), options, null)
    } catch (error) {
      throw sent.causeOf(error)
    }
  }

  async *streamFile(path: string, options: CallOptions = {}): AsyncGenerator<Bytes, void, void> {
    const archive = this.readArchive(path, options)
    try {
      const reader = new TarReader(archive)
      const entry = await reader.next()
      if (entry?.type !== "file") throw invalid("path", path, `a regular file, not a ${entry?.type ?? "hole"}`)
      for await (const part of reader.body()) yield bytesOf(part)
      // To its end: a failure that comes behind the file's bytes is one of the file as well.
      while ((await reader.next()) !== undefined);
    } finally {
      await archive.return()
    }
  }

  async readFile(path: string, options: CallOptions = {}): Promise<Bytes> {
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of this.streamFile(path, options)) {
      length += part.length
      if (length > COLLECTED_BYTES_MAX) {
        throw new TailraceError(
          "RESOURCE_EXHAUSTED",
          `${path}: more than ${COLLECTED_BYTES_MAX} bytes (expected: less; streamFile() has no limit)`,
        )
      }
      parts.push(part)
    }
    return bytesOf(concat(parts))
  }

  writeFile(path: string, data: string | Uint8Array, options: WriteFileOptions = {}): Promise<void> {
    const { directory, name } = split(absolute("path", path))
    if (name === "") return Promise.reject(invalid("path", path, "one that ends with the name of a file"))
    const { mode = MODE_DEFAULT, uid = 0, gid = 0 } = options
    for (const [what, value, max] of [["mode", mode, 0o7777], ["uid", uid, 2 ** 32 - 2], ["gid", gid, 2 ** 32 - 2]] as const) {
      if (!Number.isInteger(value) || value < 0 || value > max) {
        return Promise.reject(invalid(what, value, `a whole number from 0 to ${max}`))
      }
    }
    const bytes = encoded(data)
    const entry = { name, type: "file" as const, mode, uid, gid, sizeBytes: bytes.length, linkTarget: "" }
    const header = tarHeader({ ...entry, modifiedSeconds: Date.now() / 1000 })
    const parts = [header, bytes, tarPadding(bytes.length), TAR_END]
    return this.writeArchive(directory, { [Symbol.asyncIterator]: () => pieces(parts) }, options)
  }
}

/** A path's directory and its last part; of one that ends with a slash there is none. */
export function split(path: string): { directory: string; name: string } {
  const slash = path.lastIndexOf("/")
  return { directory: slash <= 0 ? "/" : path.slice(0, slash), name: path.slice(slash + 1) }
}

/** The path, if it is an absolute one. */
export function absolute(name: string, path: string): string {
  if (!path.startsWith("/")) throw invalid(name, path, "an absolute path")
  return path
}

const TYPES: Partial<Record<PathStatus_Type, PathStatus["type"]>> = {
  [PathStatus_Type.FILE]: "file",
  [PathStatus_Type.DIRECTORY]: "directory",
  [PathStatus_Type.LINK]: "link",
}

function statusOf(status: WireStatus): PathStatus {
  return {
    name: status.name,
    type: TYPES[status.type] ?? "other",
    sizeBytes: Number(status.sizeBytes),
    mode: status.mode,
    modifiedAt: dateOf(status.modifiedAt),
    linkTarget: status.linkTarget,
  }
}

/** Copies between a container and the machine that the client runs on. */
export interface LocalFiles {
  copyTo(files: Files, source: string, target: string, options: CopyOptions): Promise<void>
  copyFrom(files: Files, source: string, target: string, options: CopyOptions): Promise<void>
}
