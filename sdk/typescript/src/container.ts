import { Backoff } from "./backoff.js"
import type { Bytes } from "./bytes.js"
import type { CallOptions } from "./call-options.js"
import type { Connection } from "./connection.js"
import { TailraceError } from "./errors.js"
import { Exec } from "./exec.js"
import { awaitExit } from "./exit.js"
import { Files, type CopyOptions, type LocalFiles, type PathStatus, type WriteFileOptions } from "./files.js"
import { Follow, type FollowOptions } from "./follow.js"
import { WaitCondition as WireCondition, type Container as WireContainer } from "./gen/tailrace/v1/containers_pb.js"
import { waitForLine, type LineOptions, type MatchedLine } from "./lines.js"
import type { ContainerProcess } from "./process.js"
import type { ExitStatus, ProcessStatus, Stats } from "./records.js"
import { execRequest, millis } from "./requests.js"
import type { ExecSpec, TerminalSize } from "./spec.js"
import { Stdin } from "./stdin.js"
import { SHELL } from "./terminal.js"
import { statsOf, statusOf } from "./wire.js"

/** Waiting is done in slices: each call is bounded, so that a connection that died unnoticed costs only the slice. */
const SLICE_MILLIS = 20_000
const SLACK_MILLIS = 15_000

/** What can be waited for. */
export type WaitCondition = "not-running" | "next-exit" | "removed" | "healthy"

const CONDITIONS: Record<WaitCondition, WireCondition> = {
  "not-running": WireCondition.NOT_RUNNING,
  "next-exit": WireCondition.NEXT_EXIT,
  removed: WireCondition.REMOVED,
  healthy: WireCondition.HEALTHY,
}

/** What the server says about a container; a snapshot. */
export interface ContainerInfo {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** As it was asked for. */
  readonly image: string
  readonly imageId: string
  /** What runs: entrypoint and command, the image's defaults merged in. */
  readonly arguments: readonly string[]
  readonly status: ProcessStatus
  readonly labels: Readonly<Record<string, string>>
  readonly runtime: string
  /** Its own on the bridge while it runs; else empty. */
  readonly address: string
  /** Those that are published now, each with its host port. */
  readonly ports: readonly { readonly hostAddress: string; readonly hostPort: number; readonly port: number }[]
  /** `starting`, `healthy`, `unhealthy`; undefined without a health check. */
  readonly health: string | undefined
}

/** A container on the server; a handle that holds no state but its id. Every method asks the server. */
export class Container implements ContainerProcess {
  /** 64 hex digits. */
  readonly id: string
  readonly #connection: Connection

  /** @internal */
  constructor(connection: Connection, id: string) {
    this.#connection = connection
    this.id = id
  }

  /** Everything the server says about it. */
  async inspect(options?: CallOptions): Promise<ContainerInfo> {
    return infoOf(await this.#connection.ask(wire => this.#connection.containers.get({ container: this.id }, wire), options))
  }

  async status(options?: CallOptions): Promise<ProcessStatus> {
    return (await this.inspect(options)).status
  }

  /** Starts it; resolves when its process runs. Running already: FAILED_PRECONDITION. */
  async start(options?: CallOptions): Promise<void> {
    await this.#connection.call(wire => this.#connection.containers.start({ container: this.id }, wire), options, null)
  }

  /** Asks it to end, kills it when its grace is over; resolves when it has exited. Not running: nothing. */
  async stop(options: CallOptions & { graceMillis?: number } = {}): Promise<void> {
    const grace = options.graceMillis === undefined ? {} : { grace: millis("graceMillis", options.graceMillis) }
    await this.#connection.call(wire => this.#connection.containers.stop({ container: this.id, ...grace }, wire), options, null)
  }

  /** Stops it if it runs, then starts it. */
  async restart(options: CallOptions & { graceMillis?: number } = {}): Promise<void> {
    const grace = options.graceMillis === undefined ? {} : { grace: millis("graceMillis", options.graceMillis) }
    await this.#connection.call(wire => this.#connection.containers.restart({ container: this.id, ...grace }, wire), options, null)
  }

  async kill(signal: string, options?: CallOptions): Promise<void> {
    await this.#connection.call(wire => this.#connection.containers.kill({ container: this.id, signal }, wire), options)
  }

  /** Freezes its processes. */
  async pause(options?: CallOptions): Promise<void> {
    await this.#connection.call(wire => this.#connection.containers.pause({ container: this.id }, wire), options)
  }

  /** Thaws them. */
  async resume(options?: CallOptions): Promise<void> {
    await this.#connection.call(wire => this.#connection.containers.resume({ container: this.id }, wire), options)
  }

  /** Removes it; its timeline stays for the server's retention period. With `force` it is killed first if it runs. */
  async remove(options: CallOptions & { force?: boolean } = {}): Promise<void> {
    const force = options.force ?? false
    await this.#connection.call(wire => this.#connection.containers.remove({ container: this.id, force }, wire), options, null)
  }

  waitFor(options: CallOptions = {}): Promise<ExitStatus> {
    return awaitExit(this, `container ${this.id}`, options)
  }

  /**
   * Waits for a condition, over lost connections as well.
   *
   * @returns where it stands then; undefined when `timeoutMillis` is up
   */
  async waitUntil(condition: WaitCondition, options: CallOptions = {}): Promise<ProcessStatus | undefined> {
    const { timeoutMillis, signal } = options
    const started = performance.now()
    const backoff = new Backoff()
    for (;;) {
      const left = timeoutMillis === undefined ? Infinity : Math.max(0, timeoutMillis - (performance.now() - started))
      // Between two slices the next exit could be missed: that is one call for the whole time.
      const slice = condition === "next-exit" ? left : Math.min(left, SLICE_MILLIS)
      try {
        const status = await this.#waitOnce(condition, slice, signal)
        if (status !== undefined || slice === left) return status
        backoff.succeeded()
      } catch (error) {
        const isLost = error instanceof TailraceError && error.code === "UNAVAILABLE" && condition !== "next-exit"
        if (!isLost || this.#connection.isClosed || !(await backoff.pause(signal))) throw error
      }
    }
  }

  async #waitOnce(
    condition: WaitCondition,
    timeoutMillis: number,
    signal: AbortSignal | undefined,
  ): Promise<ProcessStatus | undefined> {
    const isBounded = Number.isFinite(timeoutMillis)
    try {
      const response = await this.#connection.call(
        wire =>
          this.#connection.containers.wait(
            {
              container: this.id,
              condition: CONDITIONS[condition],
              ...(isBounded ? { timeout: millis("timeoutMillis", timeoutMillis) } : {}),
            },
            wire,
          ),
        signal === undefined ? {} : { signal },
        isBounded ? timeoutMillis + SLACK_MILLIS : null,
      )
      return statusOf(response.status)
    } catch (error) {
      if (error instanceof TailraceError && error.code === "DEADLINE_EXCEEDED" && !(signal?.aborted ?? false)) {
        return undefined
      }
      throw error
    }
  }

  waitForLine(pattern: string, options: LineOptions = {}): Promise<MatchedLine> {
    return waitForLine(this.#connection, { container: this.id, exec: "" }, pattern, options)
  }

  /** What it uses now. */
  async stats(options?: CallOptions): Promise<Stats> {
    return statsOf(await this.#connection.ask(wire => this.#connection.containers.stats({ container: this.id }, wire), options))
  }

  /** Adds a process to it, and starts it. COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE; not running: FAILED_PRECONDITION. */
  async exec(spec: ExecSpec | readonly string[], options?: CallOptions): Promise<Exec> {
    const request = execRequest(this.id, "command" in spec ? spec : { command: spec })
    const created = await this.#connection.call(wire => this.#connection.execs.create(request, wire), options)
    return new Exec(this.#connection, this.id, created.id)
  }

  /**
   * Runs a command in it, by default a shell, in the terminal that this program runs in: what is typed goes to the command, and
   * what that writes is shown. FAILED_PRECONDITION where there is no terminal; UNSUPPORTED in browsers. A signal that aborts
   * gives the terminal back; the command runs on.
   *
   * @returns the command's exit code: 128 + n for signal n; -1 if it is not known
   */
  async terminal(command: readonly string[] = SHELL, options: Pick<CallOptions, "signal"> = {}): Promise<number> {
    const local = this.#connection.localTerminal
    const exec = await this.exec({ command, stdin: true, terminal: local.size() }, options)
    return (await local.attach(exec, options.signal)).exitCode
  }

  /** The exec with an id. */
  async getExec(exec: string, options?: CallOptions): Promise<Exec> {
    const found = await this.#connection.ask(wire => this.#connection.execs.get({ container: this.id, exec }, wire), options)
    return new Exec(this.#connection, this.id, found.id)
  }

  /** What a path in it is, whether it runs or not. Its last part is not followed, unless a slash comes after it. NOT_FOUND. */
  stat(path: string, options?: CallOptions): Promise<PathStatus> {
    return this.#files().stat(path, options)
  }

  /** All of a file, whether it runs or not. RESOURCE_EXHAUSTED beyond 64 MiB; of something else: INVALID_ARGUMENT. */
  readFile(path: string, options?: CallOptions): Promise<Bytes> {
    return this.#files().readFile(path, options)
  }

  /** A file's bytes as they come, however many; the server waits for the reader. Not taken up again when the connection breaks. */
  streamFile(path: string, options?: CallOptions): AsyncGenerator<Bytes, void, void> {
    return this.#files().streamFile(path, options)
  }

  /** Writes a file, in place of one that is there; its directory must exist. UNSUPPORTED in browsers. */
  writeFile(path: string, data: string | Uint8Array, options?: WriteFileOptions): Promise<void> {
    return this.#files().writeFile(path, data, options)
  }

  /** A path and all that is below it, as a tar whose names begin with the path's last part. */
  readArchive(path: string, options?: CallOptions): AsyncGenerator<Bytes, void, void> {
    return this.#files().readArchive(path, options)
  }

  /** Unpacks a tar, plain or gzipped, into a directory that exists. UNSUPPORTED in browsers, which cannot stream a request. */
  writeArchive(
    directory: string,
    archive: Uint8Array | AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<void> {
    return this.#files().writeArchive(directory, archive, options)
  }

  /**
   * Copies a file or a directory of this machine into it, whether it runs or not, by the rules of `docker cp`: into a target
   * that is a directory, else as the target, whose parent must exist. Of a source that ends with `/.` only what is in the
   * directory. UNSUPPORTED in browsers.
   */
  async copyTo(source: string, target: string, options: CopyOptions = {}): Promise<void> {
    await this.#localFiles().copyTo(this.#files(), source, target, options)
  }

  /**
   * Copies a file or a directory out of it, by the same rules. Nothing is written outside of the target, whatever the
   * container holds; what was copied before a failure stays. UNSUPPORTED in browsers.
   */
  async copyFrom(source: string, target: string, options: CopyOptions = {}): Promise<void> {
    await this.#localFiles().copyFrom(this.#files(), source, target, options)
  }

  #files(): Files {
    return new Files(this.#connection, this.id)
  }

  #localFiles(): LocalFiles {
    const { localFiles } = this.#connection
    if (localFiles === undefined) throw new TailraceError("UNSUPPORTED", "this machine has no files here (expected: Node)")
    return localFiles
  }

  follow(options: FollowOptions = {}): Follow {
    return new Follow(this.#connection, this.id, "", options)
  }

  stdin(): Stdin {
    return new Stdin(this.#connection, this.id, "")
  }

  async resize(size: TerminalSize, options?: CallOptions): Promise<void> {
    await this.#connection.ask(wire => this.#connection.timelines.resize({ container: this.id, ...size }, wire), options)
  }
}

/** @internal */
export function infoOf(container: WireContainer): ContainerInfo {
  return {
    id: container.id,
    name: container.name,
    image: container.spec?.image ?? "",
    imageId: container.imageId,
    arguments: container.arguments,
    status: statusOf(container.status),
    labels: container.spec?.labels ?? {},
    runtime: container.runtime,
    address: container.address,
    ports: container.ports.map(({ hostAddress, hostPort, port }) => ({ hostAddress, hostPort, port })),
    health: container.health?.status,
  }
}
