import type { CallOptions } from "./call-options.js"
import type { Connection } from "./connection.js"
import { awaitExit } from "./exit.js"
import { Follow, type FollowOptions } from "./follow.js"
import { waitForLine, type LineOptions, type MatchedLine } from "./lines.js"
import type { ContainerProcess } from "./process.js"
import type { ExitStatus, ProcessStatus } from "./records.js"
import type { TerminalSize } from "./spec.js"
import { Stdin } from "./stdin.js"
import { statusOf } from "./wire.js"

/** A process that was added to a container; a handle that holds no state but its ids. */
export class Exec implements ContainerProcess {
  /** Unique in its container. */
  readonly id: string
  /** The container it runs in. */
  readonly containerId: string
  readonly #connection: Connection

  /** @internal */
  constructor(connection: Connection, containerId: string, id: string) {
    this.#connection = connection
    this.containerId = containerId
    this.id = id
  }

  async status(options?: CallOptions): Promise<ProcessStatus> {
    const request = { container: this.containerId, exec: this.id }
    const found = await this.#connection.ask(wire => this.#connection.execs.get(request, wire), options)
    return statusOf(found.status)
  }

  follow(options: FollowOptions = {}): Follow {
    return new Follow(this.#connection, this.containerId, this.id, options)
  }

  stdin(): Stdin {
    return new Stdin(this.#connection, this.containerId, this.id)
  }

  async kill(signal: string, options?: CallOptions): Promise<void> {
    const request = { container: this.containerId, exec: this.id, signal }
    await this.#connection.call(wire => this.#connection.containers.kill(request, wire), options)
  }

  async resize(size: TerminalSize, options?: CallOptions): Promise<void> {
    const request = { container: this.containerId, exec: this.id, ...size }
    await this.#connection.ask(wire => this.#connection.timelines.resize(request, wire), options)
  }

  waitForLine(pattern: string, options: LineOptions = {}): Promise<MatchedLine> {
    return waitForLine(this.#connection, { container: this.containerId, exec: this.id }, pattern, options)
  }

  waitFor(options: CallOptions = {}): Promise<ExitStatus> {
    return awaitExit(this, `exec ${this.id}`, options)
  }
}
