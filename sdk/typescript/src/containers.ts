import type { CallOptions } from "./call-options.js"
import type { Connection } from "./connection.js"
import { Container, infoOf, type ContainerInfo } from "./container.js"
import { createRequest } from "./requests.js"
import type { ContainerSpec } from "./spec.js"

/** Which containers to list: by default those that run. */
export interface ListOptions extends CallOptions {
  /** Also those that do not run. */
  all?: boolean
  /** Also removed ones whose timelines are still there. */
  removed?: boolean
  /** Only those with all of these labels; an empty value matches any. */
  labels?: Readonly<Record<string, string>>
}

/** Makes, finds and lists containers. */
export class Containers {
  readonly #connection: Connection

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Makes a container without starting it. NOT_FOUND if the image is not there. */
  create(spec: ContainerSpec, options?: CallOptions): Promise<Container> {
    return this.#make(spec, false, options)
  }

  /**
   * Makes a container and starts it. NOT_FOUND if the image is not there; COMMAND_NOT_FOUND or COMMAND_NOT_EXECUTABLE if it
   * could not be started, in which case it stays, exited with reason `start_failed`.
   */
  run(spec: ContainerSpec, options?: CallOptions): Promise<Container> {
    return this.#make(spec, true, options)
  }

  /** The container with an id, an unambiguous prefix of one, or a name. NOT_FOUND. */
  async get(container: string, options?: CallOptions): Promise<Container> {
    const found = await this.#connection.ask(wire => this.#connection.containers.get({ container }, wire), options)
    return new Container(this.#connection, found.id)
  }

  /** Containers, in the server's order. */
  async list(options: ListOptions = {}): Promise<ContainerInfo[]> {
    const request = { all: options.all ?? false, removed: options.removed ?? false, labels: { ...options.labels } }
    const found = await this.#connection.ask(wire => this.#connection.containers.list(request, wire), options)
    return found.containers.map(infoOf)
  }

  async #make(spec: ContainerSpec, isStarted: boolean, options?: CallOptions): Promise<Container> {
    const request = createRequest(spec, isStarted)
    const created = await this.#connection.call(wire => this.#connection.containers.create(request, wire), options)
    return new Container(this.#connection, created.id)
  }
}
