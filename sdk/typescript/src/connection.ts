import { createClient, type CallOptions as WireOptions, type Client, type Transport } from "@connectrpc/connect"
import { Backoff } from "./backoff.js"
import type { CallOptions } from "./call-options.js"
import { TailraceError } from "./errors.js"
import { abortedBy, failureOf, isRefused } from "./failures.js"
import { Containers, Execs, Files } from "./gen/tailrace/v1/containers_pb.js"
import { Images } from "./gen/tailrace/v1/images_pb.js"
import type { LocalFiles } from "./files.js"
import { System } from "./gen/tailrace/v1/system_pb.js"
import type { LocalTerminal } from "./terminal.js"
import { Timelines } from "./gen/tailrace/v1/timelines_pb.js"

/** How long a call may take that does not wait for a container, unless the caller says otherwise. */
export const CALL_TIMEOUT_MILLIS = 30_000

/** How often a question is asked again: with the pauses between, for most of a second. */
const REPEATS_MAX = 5

/** How to reach a server. */
export interface Channel {
  /** For people. */
  readonly address: string
  readonly transport: Transport
  /** Whether requests can be streamed: not over gRPC-Web. */
  readonly isDuplex: boolean
  /** The files of the machine that the client runs on: not in a browser. */
  readonly localFiles?: LocalFiles
  /** The terminal that the client runs in, if it does: not in a browser. */
  readonly localTerminal?: LocalTerminal
  /** Ends the connection. */
  close(): void
}

/** A signal that is aborted with any of others, until it is released. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  release(): void
}

/** The connection to one server, shared by everything that a client hands out. */
export class Connection {
  readonly containers: Client<typeof Containers>
  readonly execs: Client<typeof Execs>
  readonly files: Client<typeof Files>
  readonly images: Client<typeof Images>
  readonly system: Client<typeof System>
  readonly timelines: Client<typeof Timelines>
  readonly address: string
  readonly isDuplex: boolean
  readonly localFiles: LocalFiles | undefined
  readonly #localTerminal: LocalTerminal | undefined
  readonly #channel: Channel
  readonly #callTimeoutMillis: number
  readonly #closing = new AbortController()

  constructor(channel: Channel, callTimeoutMillis: number) {
    this.#channel = channel
    this.#callTimeoutMillis = callTimeoutMillis
    this.address = channel.address
    this.isDuplex = channel.isDuplex
    this.localFiles = channel.localFiles
    this.#localTerminal = channel.localTerminal
    this.containers = createClient(Containers, channel.transport)
    this.execs = createClient(Execs, channel.transport)
    this.files = createClient(Files, channel.transport)
    this.images = createClient(Images, channel.transport)
    this.system = createClient(System, channel.transport)
    this.timelines = createClient(Timelines, channel.transport)
  }

  /** Whether it was closed here, so that nothing brings it back. */
  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** The terminal that the client runs in. UNSUPPORTED where there cannot be one; it may be none all the same. */
  get localTerminal(): LocalTerminal {
    if (this.#localTerminal === undefined) throw new TailraceError("UNSUPPORTED", "terminal: none here (expected: Node)")
    return this.#localTerminal
  }

  /**
   * A unary call within its time.
   *
   * @param timeoutMillis where the caller says nothing; null: without limit
   */
  async call<T>(
    method: (options: WireOptions) => Promise<T>,
    options: CallOptions = {},
    timeoutMillis: number | null = this.#callTimeoutMillis,
  ): Promise<T> {
    const linked = this.link(options.signal)
    const timeoutMs = options.timeoutMillis ?? timeoutMillis
    try {
      for (let repeats = 0; ; repeats++) {
        try {
          return await method({ signal: linked.signal, ...(timeoutMs === null ? {} : { timeoutMs: Math.ceil(timeoutMs) }) })
        } catch (error) {
          if (linked.signal.aborted) throw abortedBy(linked.signal)
          if (!isRefused(error) || repeats === REPEATS_MAX) throw failureOf(error, this.address)
        }
      }
    } finally {
      linked.release()
    }
  }

  /**
   * A unary call that changes nothing: when the connection is lost under it, it is asked again on a new one, a few times
   * within its time.
   */
  async ask<T>(
    method: (options: WireOptions) => Promise<T>,
    options: CallOptions = {},
    timeoutMillis: number | null = this.#callTimeoutMillis,
  ): Promise<T> {
    const end = performance.now() + (options.timeoutMillis ?? timeoutMillis ?? Infinity)
    const backoff = new Backoff()
    for (let repeats = 0; ; repeats++) {
      const left = Math.max(1, end - performance.now())
      try {
        return await this.call(method, Number.isFinite(left) ? { ...options, timeoutMillis: left } : options, null)
      } catch (error) {
        const isLost = error instanceof TailraceError && error.code === "UNAVAILABLE" && !this.isClosed
        if (!isLost || repeats === REPEATS_MAX || performance.now() >= end) throw error
        await backoff.pause(options.signal)
      }
    }
  }

  /** The answers of a call that is not taken up again when it breaks. Leaving the loop ends the call. */
  async *stream<T>(open: (options: WireOptions) => AsyncIterable<T>, options: CallOptions = {}): AsyncGenerator<T, void, void> {
    const linked = this.link(options.signal)
    const timeout = options.timeoutMillis
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            linked.abort(new TailraceError("DEADLINE_EXCEEDED", `not done within ${timeout} ms`))
          }, timeout)
    try {
      for (let repeats = 0; ; repeats++) {
        try {
          yield* open({ signal: linked.signal })
          return
        } catch (error) {
          if (linked.signal.aborted) throw abortedBy(linked.signal)
          // Before its first answer: what is refused was not begun.
          if (!isRefused(error) || repeats === REPEATS_MAX) throw failureOf(error, this.address)
        }
      }
    } finally {
      clearTimeout(timer)
      linked.release()
      linked.abort(new TailraceError("CANCELLED", "given up"))
    }
  }

  /** A signal for one call: aborted with the caller's and when the connection is closed. */
  link(signal: AbortSignal | undefined): LinkedSignal {
    // AbortSignal.any would do, but its signals are kept for as long as the longest-lived one is.
    const controller = new AbortController()
    const sources = [this.#closing.signal, ...(signal === undefined ? [] : [signal])]
    const listeners = sources.map(source => {
      const listener = () => {
        controller.abort(source.reason)
      }
      if (source.aborted) listener()
      else source.addEventListener("abort", listener, { once: true })
      return { source, listener }
    })
    return {
      signal: controller.signal,
      abort: reason => {
        controller.abort(reason)
      },
      release: () => {
        for (const { source, listener } of listeners) source.removeEventListener("abort", listener)
      },
    }
  }

  /** Ends the connection and everything that was opened on it. */
  close(): void {
    if (this.isClosed) return
    this.#closing.abort(new TailraceError("CANCELLED", "the client was closed"))
    this.#channel.close()
  }
}
