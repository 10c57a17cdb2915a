import type { Bytes } from "./bytes.js"
import type { CallOptions } from "./call-options.js"
import type { Container } from "./container.js"
import { invalid } from "./errors.js"
import { absolute, type CopyOptions, type PathStatus } from "./files.js"

/** What a run has left, for who reads it: it is begun when it was not, and has succeeded when the work begins. */
export interface FilesOfRun {
  readOnce<T>(options: CallOptions, work: (container: Container, call: CallOptions) => Promise<T>): Promise<T>
  readStream(
    options: CallOptions,
    open: (container: Container, call: CallOptions) => AsyncIterable<Bytes>,
  ): AsyncGenerator<Bytes, void, void>
}

/** A file that the commands of a container leave, or that its image has. Nothing runs until something of it is asked for. */
export class LazyFile {
  /** Absolute, in the container. */
  readonly path: string
  readonly #run: FilesOfRun

  /** @internal */
  constructor(run: FilesOfRun, path: string) {
    this.#run = run
    this.path = absolute("path", path)
  }

  /** All of it, as UTF-8. RESOURCE_EXHAUSTED beyond 64 MiB; of something else than a file: INVALID_ARGUMENT. */
  async contents(options: CallOptions = {}): Promise<string> {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.bytes(options))
  }

  /** All of its bytes, with the same limit. */
  bytes(options: CallOptions = {}): Promise<Bytes> {
    return this.#run.readOnce(options, (container, call) => container.readFile(this.path, call))
  }

  /** Its bytes as they come, however many; the server waits for the reader. Not taken up again when the connection breaks. */
  stream(options: CallOptions = {}): AsyncGenerator<Bytes, void, void> {
    return this.#run.readStream(options, (container, call) => container.streamFile(this.path, call))
  }

  /** What it is. Its last part is not followed, unless a slash comes after it. NOT_FOUND. */
  stat(options: CallOptions = {}): Promise<PathStatus> {
    return this.#run.readOnce(options, (container, call) => container.stat(this.path, call))
  }

  /**
   * Copies it to this machine: into a target that is a directory, else as the target, whose parent must exist. UNSUPPORTED in
   * browsers.
   */
  export(target: string, options: CopyOptions = {}): Promise<void> {
    return this.#run.readOnce(options, async (container, call) => {
      const { type } = await container.stat(this.path, call)
      if (type === "directory") throw invalid("path", this.path, "a file, not a directory, which directory() has")
      await container.copyFrom(this.path, target, { ...options, ...call })
    })
  }
}

/** A directory that the commands of a container leave, or that its image has. Nothing runs until something of it is asked for. */
export class LazyDirectory {
  /** Absolute, in the container. */
  readonly path: string
  readonly #run: FilesOfRun

  /** @internal */
  constructor(run: FilesOfRun, path: string) {
    this.#run = run
    this.path = absolute("path", path)
  }

  /** What it is. NOT_FOUND. */
  stat(options: CallOptions = {}): Promise<PathStatus> {
    return this.#run.readOnce(options, (container, call) => container.stat(this.path, call))
  }

  /** All that is in it, as a tar as it comes, whose names begin with the path's last part. */
  archive(options: CallOptions = {}): AsyncGenerator<Bytes, void, void> {
    return this.#run.readStream(options, (container, call) => container.readArchive(this.path, call))
  }

  /**
   * Copies what is in it to this machine: into the target, which is made if its parent exists. Nothing is written outside of
   * the target, whatever the container holds; what was copied before a failure stays. UNSUPPORTED in browsers.
   */
  export(target: string, options: CopyOptions = {}): Promise<void> {
    const contents = `${this.path.replace(/\/+$/, "")}/.`
    return this.#run.readOnce(options, (container, call) => container.copyFrom(contents, target, { ...options, ...call }))
  }
}
