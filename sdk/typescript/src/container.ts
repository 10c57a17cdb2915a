import { Backoff } from "./backoff.js"
import type { CallOptions } from "./call-options.js"
import type { Connection } from "./connection.js"
import { TailraceError } from "./errors.js"
import { Exec } from "./exec.js"
import { awaitExit } from "./exit.js"
import { Follow, type FollowOptions } from "./follow.js"
import { WaitCondition as WireCondition, type Container as WireContainer } from "./gen/tailrace/v1/containers_pb.js"
import { waitForLine, type LineOptions, type MatchedLine } from "./lines.js"
import type { ContainerProcess } from "./process.js"
import type { ExitStatus, ProcessStatus, Stats } from "./records.js"
import { execRequest, millis } from "./requests.js"
import type { ExecSpec, TerminalSize } from "./spec.js"
import { Stdin } from "./stdin.js"
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

  /** The exec with an id. */
  async getExec(exec: string, options?: CallOptions): Promise<Exec> {
    const found = await this.#connection.ask(wire => this.#connection.execs.get({ container: this.id, exec }, wire), options)
    return new Exec(this.#connection, this.id, found.id)
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
