import { create } from "@bufbuild/protobuf"
import { timestampFromDate } from "@bufbuild/protobuf/wkt"
import { RECONNECT_TIMEOUT_MILLIS } from "./backoff.js"
import type { Connection } from "./connection.js"
import { Delivery } from "./delivery.js"
import { invalid } from "./errors.js"
import { FollowEnd, FollowRequestSchema, type FollowRequest, type FollowResponse } from "./gen/tailrace/v1/timelines_pb.js"
import type { RecordKind, StandardStream, TimelineRecord } from "./records.js"
import { ResumingReader, type Source } from "./resuming-reader.js"
import { recordOf, wireKind, wireStream } from "./wire.js"

/**
 * What a follower wants of a timeline: by default all of it, from the first record to the exit, verified. Of `after`,
 * `fromNow`, `last`, `lastLines` and `fromOffset` at most one.
 */
export interface FollowOptions {
  /** Begins behind the record that had this cursor. */
  after?: string
  /** Begins with the next record. */
  fromNow?: boolean
  /** Begins with the last n records that match. */
  last?: number
  /** Begins with the last n lines of output, those of the streams that are wanted counted together. */
  lastLines?: number
  /** Begins with the byte at an offset of one stream, and follows that stream only. */
  fromOffset?: { stream: StandardStream; offset: number }
  /** Leaves out what was recorded before a time, wherever it begins. */
  since?: Date
  /** Only these kinds of records; gaps and exits always come. */
  kinds?: readonly RecordKind[]
  /** Only the output of these streams. */
  streams?: readonly StandardStream[]
  /** Ends with what is recorded now, behind the exit of the latest run (the default), or when the timeline is deleted. */
  until?: "now" | "exit" | "never"
  /** Ends before the first record that is later than a time, or when that time is over, if it does not end before. */
  untilTime?: Date
  /** How long to go on trying after the connection was lost, without any progress, before failing; by default 60 s. */
  reconnectTimeoutMillis?: number
  /**
   * Whether to prove, at the exit, that every byte arrived: each stream that was followed from offset 0 without a gap must
   * have the length and CRC-32 that the server recorded, else CORRUPT. By default true.
   */
  verify?: boolean
  /** Ends reading with CANCELLED. */
  signal?: AbortSignal
}

/**
 * A timeline being read: records in order, each exactly once, waiting for the next one, over lost connections as well. A
 * slow reader slows nobody but itself, the records wait on the server.
 *
 * It ends only as was asked for, by default behind the exit. Anything else is a `TailraceError`: what was cut off never
 * looks complete. CORRUPT says that what arrived is not what was recorded.
 *
 * It can be iterated once; leaving a `for await` loop closes it.
 */
export class Follow implements AsyncIterableIterator<TimelineRecord> {
  readonly #reader: ResumingReader<FollowResponse, TimelineRecord>
  readonly #records: Records

  /** @internal */
  constructor(connection: Connection, containerId: string, execId: string, options: FollowOptions) {
    this.#records = new Records(connection, requestOf(containerId, execId, options), options)
    this.#reader = new ResumingReader(
      connection,
      this.#records,
      options.signal,
      options.reconnectTimeoutMillis ?? RECONNECT_TIMEOUT_MILLIS,
    )
  }

  /** The next record; waits until there is one. */
  next(): Promise<IteratorResult<TimelineRecord, void>> {
    return this.#reader.next()
  }

  /** The place behind the last record read, to go on from with `after`; empty before the first. */
  get cursor(): string {
    return this.#records.cursor
  }

  /** How many connections it took to get here, beyond the first. */
  get reconnects(): number {
    return Math.max(0, this.#records.requests - 1)
  }

  /** Ends reading. */
  close(): void {
    this.#reader.close()
  }

  /** Ends reading, as leaving a loop does. */
  return(): Promise<IteratorResult<TimelineRecord, void>> {
    this.close()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** What the wire's messages mean, and where to go on. */
class Records implements Source<FollowResponse, TimelineRecord> {
  readonly #connection: Connection
  readonly #first: FollowRequest
  readonly #delivery: Delivery
  cursor = ""
  requests = 0

  constructor(connection: Connection, first: FollowRequest, options: FollowOptions) {
    this.#connection = connection
    this.#first = first
    const isSince = first.since !== undefined
    const isFromStart = first.from.case === undefined && !isSince
    const isFromFirstByte = isFromStart || (first.from.case === "offset" && first.from.value === 0n && !isSince)
    const hasOutput = options.kinds === undefined || options.kinds.includes("output")
    const isProven = isFromFirstByte && hasOutput && options.verify !== false
    this.#delivery = new Delivery({
      isDense: first.kinds.length === 0 && first.streams.length === 0,
      isFromStart,
      wholeStreams: isProven ? streamsOf(options) : [],
    })
  }

  open(signal: AbortSignal): AsyncIterable<FollowResponse> {
    this.requests++
    const request =
      this.cursor === ""
        ? this.#first
        : create(FollowRequestSchema, { ...this.#first, from: { case: "cursor", value: this.cursor } })
    return this.#connection.timelines.follow(request, { signal })
  }

  accept(message: FollowResponse): TimelineRecord | undefined {
    const event = message.event
    if (event.case === "heartbeat") {
      // It has looked at everything before: also what was filtered out need not be looked at again.
      if (event.value.cursor !== "") this.cursor = event.value.cursor
      return undefined
    }
    if (event.case !== "record" || !this.#delivery.isNew(Number(event.value.sequence))) return undefined
    const record = recordOf(event.value)
    this.#delivery.accept(Number(event.value.sequence), record)
    this.cursor = event.value.cursor
    return record
  }

  get isComplete(): boolean {
    return this.#first.end !== FollowEnd.EXIT || this.#first.until !== undefined || this.#delivery.isEnded
  }
}

function streamsOf(options: FollowOptions): readonly StandardStream[] {
  if (options.fromOffset !== undefined) return [options.fromOffset.stream]
  return options.streams ?? ["stdout", "stderr"]
}

const ENDS = { now: FollowEnd.NOW, exit: FollowEnd.EXIT, never: FollowEnd.NEVER }

function requestOf(container: string, exec: string, options: FollowOptions): FollowRequest {
  const timeout = options.reconnectTimeoutMillis
  if (timeout !== undefined && !(timeout >= 0)) throw invalid("reconnectTimeoutMillis", timeout, ">= 0")
  const isNarrowed = options.fromOffset !== undefined || options.streams !== undefined
  return create(FollowRequestSchema, {
    container,
    exec,
    from: beginningOf(options),
    kinds: (options.kinds ?? []).map(wireKind),
    streams: isNarrowed ? streamsOf(options).map(wireStream) : [],
    end: ENDS[options.until ?? "exit"],
    ...(options.since === undefined ? {} : { since: timestampFromDate(options.since) }),
    ...(options.untilTime === undefined ? {} : { until: timestampFromDate(options.untilTime) }),
  })
}

function beginningOf(options: FollowOptions): FollowRequest["from"] {
  const beginnings: FollowRequest["from"][] = []
  if (options.after !== undefined) beginnings.push({ case: "cursor", value: options.after })
  if (options.fromNow === true) beginnings.push({ case: "now", value: true })
  if (options.last !== undefined) beginnings.push({ case: "last", value: count("last", options.last) })
  if (options.lastLines !== undefined) {
    beginnings.push({ case: "lines", value: count("lastLines", options.lastLines) })
  }
  if (options.fromOffset !== undefined) {
    beginnings.push({ case: "offset", value: count("fromOffset", options.fromOffset.offset) })
  }
  if (beginnings.length > 1) {
    throw invalid("follow", beginnings.map(each => each.case).join(" and "), "at most one beginning")
  }
  return beginnings[0] ?? { case: undefined }
}

function count(name: string, value: number): bigint {
  if (!Number.isSafeInteger(value) || value < 0) throw invalid(name, value, "a whole number >= 0")
  return BigInt(value)
}
