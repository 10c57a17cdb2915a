import { Backoff } from "./backoff.js"
import type { Connection, LinkedSignal } from "./connection.js"
import { TailraceError } from "./errors.js"
import { abortedBy, failureOf, isConnectionLost } from "./failures.js"

/** The server says every 15 s that it is there: a connection that is silent for longer is lost, whatever it looks like. */
const SILENCE_MILLIS_MAX = 45_000

/** What is read: how to ask for it, and what the answers mean. */
export interface Source<S, T> {
  /** A call that goes on behind everything that was accepted. */
  open(signal: AbortSignal): AsyncIterable<S>
  /** What to hand to the caller; undefined for nothing. */
  accept(message: S): T | undefined
  /** Whether a call that ended well has delivered everything that was asked for. */
  readonly isComplete: boolean
}

/**
 * Reads a stream of records over as many connections as it takes. Where a call breaks, the next one goes on behind the
 * last record that arrived; what each message means, and when the end is a real end, the {@link Source} knows.
 *
 * Messages are taken from the transport only when the caller asks for the next record: a slow caller fills the stream's
 * HTTP/2 window, and the rest waits on the server's disk.
 */
export class ResumingReader<S, T> {
  readonly #connection: Connection
  readonly #source: Source<S, T>
  readonly #linked: LinkedSignal
  readonly #backoff: Backoff
  readonly #records: AsyncGenerator<T, void, void>

  constructor(
    connection: Connection,
    source: Source<S, T>,
    signal: AbortSignal | undefined,
    reconnectTimeoutMillis: number,
  ) {
    this.#connection = connection
    this.#source = source
    this.#linked = connection.link(signal)
    this.#backoff = new Backoff(reconnectTimeoutMillis)
    this.#records = this.#read()
  }

  /** The next record. Rejects for good: after a failure there is no next one. */
  next(): Promise<IteratorResult<T, void>> {
    return this.#records.next()
  }

  /** Ends reading: who waits for the next record is told CANCELLED. */
  close(): void {
    this.#linked.abort(new TailraceError("CANCELLED", "closed"))
    this.#linked.release()
    // Begun or not, it ends: what it still has to say nobody waits for.
    this.#records.return(undefined).catch(() => undefined)
  }

  async *#read(): AsyncGenerator<T, void, void> {
    const signal = this.#linked.signal
    try {
      for (;;) {
        let failure: unknown
        try {
          yield* this.#readCall(signal)
          if (this.#source.isComplete) return
        } catch (error) {
          if (signal.aborted) throw abortedBy(signal)
          if (error instanceof TailraceError || !isConnectionLost(error)) throw failureOf(error, this.#connection.address)
          failure = error
        }
        if (!(await this.#backoff.pause(signal))) {
          throw failure === undefined
            ? new TailraceError(
                "INCOMPLETE",
                "the stream ended before the exit record (expected: it, as proof that nothing is missing)",
              )
            : failureOf(failure, this.#connection.address)
        }
      }
    } finally {
      this.#linked.release()
    }
  }

  /** One call, to its end. */
  async *#readCall(signal: AbortSignal): AsyncGenerator<T, void, void> {
    const call = new AbortController()
    const abort = () => {
      call.abort(signal.reason)
    }
    if (signal.aborted) throw abortedBy(signal)
    signal.addEventListener("abort", abort, { once: true })
    try {
      const messages = this.#source.open(call.signal)[Symbol.asyncIterator]()
      for (;;) {
        const next = await awake(messages.next(), call)
        if (next.done === true) return
        this.#backoff.succeeded()
        const record = this.#source.accept(next.value)
        if (record !== undefined) yield record
      }
    } finally {
      signal.removeEventListener("abort", abort)
      call.abort(new TailraceError("CANCELLED", "given up"))
    }
  }
}

/** What comes, if it comes before the silence is too long: the call is given up then. */
async function awake<T>(coming: Promise<T>, call: AbortController): Promise<T> {
  const timer = setTimeout(() => {
    call.abort(new Error(`nothing came for ${SILENCE_MILLIS_MAX} ms`))
  }, SILENCE_MILLIS_MAX)
  try {
    return await coming
  } finally {
    clearTimeout(timer)
  }
}
