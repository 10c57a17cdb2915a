import { Backoff } from "./backoff.js"
import { encoded } from "./bytes.js"
import type { Connection, LinkedSignal } from "./connection.js"
import { TailraceError } from "./errors.js"
import { abortedBy, failureOf, isConnectionLost } from "./failures.js"
import type { InputRequestSchema } from "./gen/tailrace/v1/timelines_pb.js"
import type { MessageInitShape } from "@bufbuild/protobuf"

/** Written and not yet acknowledged: kept to be sent again. */
const KEPT_BYTES_MAX = 1 << 20
const CHUNK_BYTES_MAX = 65_536

type Request = MessageInitShape<typeof InputRequestSchema>

/** One call: up to where it has sent, counted from the first byte written here; -1 before the server has said where to begin. */
interface Session {
  sent: number
  isEndSent: boolean
  isOver: boolean
}

/**
 * A process's stdin. Every byte is handed over once: what the server has not acknowledged is kept, at most 1 MiB, and sent
 * again after a lost connection. Writing waits while that much waits.
 *
 * `close` ends the process's input; `detach` leaves it open. Failures are FAILED_PRECONDITION if the process has no stdin or
 * is gone, UNSUPPORTED in browsers, which cannot stream a request.
 *
 * Writers put bytes behind the others and wait for room; one loop owns the call, sends what is kept, and opens another call
 * when one breaks, beginning where the server says.
 */
export class Stdin {
  readonly #connection: Connection
  readonly #open: Request
  /** In order; the first begins at or before what is acknowledged. */
  #kept: { offset: number; bytes: Uint8Array }[] = []
  /** The server's offset of the first byte written here; -1 until it is known. */
  #base = -1
  #acknowledged = 0
  #written = 0
  #ending: "close" | "detach" | undefined
  #isStarted = false
  #isDone = false
  #failure: TailraceError | undefined
  #waiting: (() => void)[] = []

  /** @internal */
  constructor(connection: Connection, container: string, exec: string) {
    this.#connection = connection
    this.#open = { message: { case: "open", value: { container, exec } } }
  }

  /** Writes text as UTF-8, or bytes, which are copied; resolves when all of them are on their way. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = encoded(data)
    let at = 0
    while (at < bytes.length) {
      if (this.#ending !== undefined) throw new TailraceError("FAILED_PRECONDITION", "stdin: closed")
      this.#start()
      this.#check()
      const room = Math.min(KEPT_BYTES_MAX - (this.#written - this.#acknowledged), CHUNK_BYTES_MAX)
      if (room === 0) {
        await this.#changed()
        continue
      }
      const part = bytes.slice(at, at + room)
      this.#kept.push({ offset: this.#written, bytes: part })
      this.#written += part.length
      at += part.length
      this.#notify()
    }
  }

  /** Waits until everything written was handed to the process. */
  async flush(): Promise<void> {
    while (!this.#isAllAcknowledged) {
      this.#check()
      await this.#changed()
    }
    this.#check()
  }

  /** Waits until everything written was handed to the process, then ends its input. */
  close(): Promise<void> {
    return this.#end("close")
  }

  /** Waits until everything written was handed to the process, and leaves its input open. */
  detach(): Promise<void> {
    return this.#end("detach")
  }

  get #isAllAcknowledged(): boolean {
    return this.#acknowledged === this.#written
  }

  async #end(how: "close" | "detach"): Promise<void> {
    if (this.#ending === undefined) {
      if (how === "detach" && !this.#isStarted) this.#isDone = true
      else this.#start()
      this.#ending = how
      this.#notify()
    }
    while (!this.#isDone && this.#failure === undefined) await this.#changed()
    // A process that is gone needs no end of input; only bytes that it did not get are a failure.
    if (!this.#isAllAcknowledged) this.#check()
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    if (!this.#connection.isDuplex) {
      this.#failure = new TailraceError("UNSUPPORTED", "stdin: not over gRPC-Web (expected: Node)")
      return
    }
    this.#run().catch((error: unknown) => {
      this.#failure = failureOf(error, this.#connection.address)
      this.#notify()
    })
  }

  /** Sends until all is done or nothing helps. */
  async #run(): Promise<void> {
    const backoff = new Backoff()
    const linked = this.#connection.link(undefined)
    try {
      for (;;) {
        const session: Session = { sent: -1, isEndSent: false, isOver: false }
        try {
          await this.#serve(session, backoff, linked)
          if (!session.isEndSent) {
            throw new TailraceError("FAILED_PRECONDITION", "the process no longer reads its input")
          }
          this.#isDone = true
          this.#notify()
          return
        } catch (error) {
          if (linked.signal.aborted) throw abortedBy(linked.signal)
          if (error instanceof TailraceError || !isConnectionLost(error) || !(await backoff.pause(linked.signal))) throw error
        } finally {
          session.isOver = true
          this.#notify()
        }
      }
    } finally {
      linked.release()
    }
  }

  /** One call, from its opening to its end. */
  async #serve(session: Session, backoff: Backoff, linked: LinkedSignal): Promise<void> {
    const responses = this.#connection.timelines.input(this.#requests(session), { signal: linked.signal })
    for await (const response of responses) {
      const offset = Number(response.acknowledgedOffset)
      if (this.#base < 0) this.#base = offset
      this.#acknowledge(offset - this.#base)
      // The first one says where to begin; after a lost connection that may be before what was sent.
      if (session.sent < 0) session.sent = offset - this.#base
      backoff.succeeded()
      this.#notify()
    }
  }

  async *#requests(session: Session): AsyncGenerator<Request> {
    yield this.#open
    while (!session.isOver) {
      if (session.sent >= 0 && session.sent < this.#written) {
        const offset = session.sent
        const data = this.#from(offset)
        session.sent += data.length
        yield { message: { case: "data", value: { offset: BigInt(this.#base + offset), data } } }
      } else if (session.sent >= 0 && this.#isAllAcknowledged && this.#ending !== undefined) {
        session.isEndSent = true
        if (this.#ending === "close") yield { message: { case: "close", value: {} } }
        return
      } else {
        await this.#changed()
      }
    }
  }

  /** The kept bytes from an offset to the end of the part that it lies in. */
  #from(offset: number): Uint8Array {
    const part = this.#kept.find(kept => offset < kept.offset + kept.bytes.length)
    if (part === undefined) throw new TailraceError("INTERNAL", `stdin offset: ${offset} (expected: one that is kept)`)
    return part.bytes.subarray(offset - part.offset)
  }

  #acknowledge(offset: number): void {
    if (offset < this.#acknowledged || offset > this.#written) {
      throw new TailraceError(
        "CORRUPT",
        `acknowledged offset: ${offset} (expected: ${this.#acknowledged} to ${this.#written})`,
      )
    }
    this.#acknowledged = offset
    this.#kept = this.#kept.filter(kept => kept.offset + kept.bytes.length > offset)
  }

  #changed(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  #notify(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
