// For programs whose own libraries do not have Symbol.asyncDispose.
/// <reference lib="esnext.disposable" preserve="true" />
import type { CallOptions } from "./call-options.js"
import { CALL_TIMEOUT_MILLIS, Connection, type Channel } from "./connection.js"
import { Containers } from "./containers.js"
import { invalid } from "./errors.js"
import { Feed, type FeedOptions } from "./feed.js"
import { Images } from "./images.js"
import { LazyContainer } from "./lazy-container.js"
import { Session } from "./session.js"
import { dateOf } from "./wire.js"

/** What the server is and how it is. */
export interface ServerInfo {
  readonly version: string
  readonly startedAt: Date | undefined
  readonly runtime: string
  readonly runtimeVersion: string
  readonly capabilities: readonly string[]
  readonly containers: number
  readonly containersRunning: number
  /** What is wrong now, for people; empty if all is well. */
  readonly problems: readonly string[]
}

/** Where a client tells people what it does: `process.stderr`, or anything else that takes text. */
export interface LogOutput {
  write(text: string): unknown
}

/** The settings of a client, however it reaches its server. */
export interface ClientOptions {
  /** How long a call that does not wait for a container may take; by default 30 s. */
  callTimeoutMillis?: number
  /** Is told of images that are fetched, and of what is started and how it ends. */
  LogOutput?: LogOutput
}

/**
 * A client of one server. It connects with the first call, and again whenever the connection was lost.
 *
 * {@link container} begins a container that runs when something of it is asked for, and ends with this client;
 * {@link containers} makes, finds and lists containers that live on the server by themselves.
 */
export class Tailrace {
  /** Makes, finds and lists containers. */
  readonly containers: Containers
  /** The runtime's images. */
  readonly images: Images
  readonly #connection: Connection
  readonly #session: Session
  readonly #closed: () => Promise<void>

  /** @internal */
  constructor(channel: Channel, options: ClientOptions = {}, closed: () => Promise<void> = () => Promise.resolve()) {
    const timeout = options.callTimeoutMillis ?? CALL_TIMEOUT_MILLIS
    if (!(timeout > 0)) throw invalid("callTimeoutMillis", timeout, "> 0")
    this.#connection = new Connection(channel, timeout)
    this.containers = new Containers(this.#connection)
    this.images = new Images(this.#connection)
    this.#closed = closed
    this.#session = new Session(this.#connection, this.containers, this.images, options.LogOutput)
  }

  /** Begins a container: say of which image with `from`. Nothing runs until something of it is asked for. */
  container(): LazyContainer {
    return LazyContainer.begin(this.#session)
  }

  /** The lifecycle records of all containers, or of one: by default from now on. */
  feed(options: FeedOptions = {}): Feed {
    return new Feed(this.#connection, options)
  }

  /** What the server is and how it is. */
  async info(options?: CallOptions): Promise<ServerInfo> {
    const info = await this.#connection.ask(wire => this.#connection.system.getInfo({}, wire), options)
    return {
      version: info.version,
      startedAt: dateOf(info.startedAt),
      runtime: info.runtime,
      runtimeVersion: info.runtimeVersion,
      capabilities: info.capabilities,
      containers: info.containers,
      containersRunning: info.containersRunning,
      problems: info.problems,
    }
  }

  /** The address of the server. */
  get address(): string {
    return this.#connection.address
  }

  /** Ends what {@link container} has started and still runs, then the connection and everything that was opened on it. */
  async close(): Promise<void> {
    try {
      await this.#session.close()
    } finally {
      this.#connection.close()
      await this.#closed()
    }
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
