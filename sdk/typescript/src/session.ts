import type { Connection } from "./connection.js"
import type { Container } from "./container.js"
import type { Containers } from "./containers.js"
import { TailraceError } from "./errors.js"
import type { Execution } from "./execution.js"
import { containerId } from "./ids.js"
import { KeptRuns } from "./kept-files.js"
import type { ImageProgress, Images } from "./images.js"
import type { FileWrite } from "./plan.js"
import type { ContainerSpec } from "./spec.js"
import type { LogOutput } from "./tailrace.js"


/** What the lazy containers of one client share: images are fetched once, and what still runs at the end is ended. */
export class Session {
  readonly connection: Connection
  readonly kept = new KeptRuns()
  readonly #containers: Containers
  readonly #images: Images
  readonly #log: LogOutput | undefined
  readonly #running = new Set<Execution>()
  readonly #pulls = new Map<string, Promise<void>>()
  #isClosed = false

  constructor(connection: Connection, containers: Containers, images: Images, log: LogOutput | undefined) {
    this.connection = connection
    this.#containers = containers
    this.#images = images
    this.#log = log
  }

  /** Tells people. */
  say(text: string): void {
    this.#log?.write(`tailrace: ${text}\n`)
  }

  began(running: Execution): void {
    if (this.#isClosed) throw new TailraceError("CANCELLED", "the client was closed")
    this.#running.add(running)
  }

  ended(running: Execution): void {
    this.#running.delete(running)
  }

  /** The entrypoint of an image, which is fetched if it is not there. */
  async entrypoint(reference: string): Promise<readonly string[]> {
    try {
      return (await this.#images.get(reference)).entrypoint
    } catch (error) {
      if (!(error instanceof TailraceError && error.code === "NOT_FOUND")) throw error
      await this.#pull(reference)
      return (await this.#images.get(reference)).entrypoint
    }
  }

  /**
   * Makes a container and starts it. An image that is not there is fetched; an init program that the server's machine does
   * not have is done without.
   *
   * @param files that it has when it starts
   * @param onPull is told when an image is about to be fetched
   */
  async run(spec: ContainerSpec, files: readonly FileWrite[], onPull: () => void): Promise<Container> {
    try {
      return await this.#run(spec, files)
    } catch (error) {
      if (!(error instanceof TailraceError)) throw error
      if (error.code === "UNSUPPORTED" && spec.init === true && error.message.startsWith("init:")) {
        await this.#discard(spec.id ?? "")
        this.say(`going on without an init program: ${error.message}`)
        return this.run({ ...spec, id: containerId(), init: false }, files, onPull)
      }
      if (error.code !== "NOT_FOUND" || !error.message.startsWith("image:")) throw error
      // It is there if another client has fetched it since.
      if (!(await this.#hasImage(spec.image))) {
        onPull()
        await this.#pull(spec.image)
      }
      return await this.#run(spec, files)
    }
  }

  async #run(spec: ContainerSpec, files: readonly FileWrite[]): Promise<Container> {
    if (files.length === 0) return this.#containers.run(spec)
    const container = await this.#containers.create(spec)
    try {
      for (const write of files) await write(container, {})
    } catch (error) {
      await this.#discard(container.id)
      throw error
    }
    await container.start()
    return container
  }

  /** Ends all that still runs. */
  async close(): Promise<void> {
    this.#isClosed = true
    const running = [...this.#running]
    this.#running.clear()
    const ends = await Promise.allSettled(running.map(each => each.end()))
    for (const end of ends) {
      if (end.status === "rejected") this.say(`a container could not be ended: ${String(end.reason)}`)
    }
  }

  async #hasImage(reference: string): Promise<boolean> {
    try {
      await this.#images.get(reference)
      return true
    } catch (error) {
      if (error instanceof TailraceError && error.code === "NOT_FOUND") return false
      throw error
    }
  }

  /** Fetches an image; who wants one that is on its way waits for that. */
  #pull(reference: string): Promise<void> {
    const under = this.#pulls.get(reference)
    if (under !== undefined) return under
    this.say(`pulling ${reference}`)
    const told = new Map<string, string>()
    const progress = ({ part, status, doneBytes, totalBytes }: ImageProgress) => {
      if (told.get(part) === status) return
      told.set(part, status)
      this.say(`${reference}: ${part} ${status}${totalBytes > 0 ? ` (${doneBytes} of ${totalBytes} bytes)` : ""}`)
    }
    const pull = this.#images
      .pull(reference, { progress })
      .then(() => {
        this.say(`pulled ${reference}`)
      })
      .finally(() => this.#pulls.delete(reference))
    this.#pulls.set(reference, pull)
    return pull
  }

  /** Removes what a failed start has left, if it has. */
  async #discard(id: string): Promise<void> {
    try {
      await (await this.#containers.get(id)).remove({ force: true })
    } catch (error) {
      if (!(error instanceof TailraceError && error.code === "NOT_FOUND")) throw error
    }
  }
}
