import { RECONNECT_TIMEOUT_MILLIS } from "./backoff.js"
import type { Connection } from "./connection.js"
import type { FollowFeedResponse } from "./gen/tailrace/v1/timelines_pb.js"
import type { FeedRecord } from "./records.js"
import { ResumingReader, type Source } from "./resuming-reader.js"
import { feedRecordOf } from "./wire.js"

/** What a reader wants of the feed: by default what happens from now on. */
export interface FeedOptions {
  /** Begins behind the record that had this cursor. */
  after?: string
  /** Begins with the oldest record there is. */
  fromStart?: boolean
  /** Only this container: id, unambiguous prefix of one, or name. */
  container?: string
  /** How long to go on trying after the connection was lost, without any progress, before failing; by default 60 s. */
  reconnectTimeoutMillis?: number
  /** Ends reading with CANCELLED. */
  signal?: AbortSignal
}

/**
 * The feed being read: lifecycle records of all containers in order, each exactly once, over lost connections as well. It
 * has no end: leave the loop, close it, or abort it.
 */
export class Feed implements AsyncIterableIterator<FeedRecord> {
  readonly #reader: ResumingReader<FollowFeedResponse, FeedRecord>

  /** @internal */
  constructor(connection: Connection, options: FeedOptions) {
    this.#reader = new ResumingReader(
      connection,
      new Records(connection, options),
      options.signal,
      options.reconnectTimeoutMillis ?? RECONNECT_TIMEOUT_MILLIS,
    )
  }

  /** The next record; waits until there is one. */
  next(): Promise<IteratorResult<FeedRecord, void>> {
    return this.#reader.next()
  }

  /** Ends reading. */
  close(): void {
    this.#reader.close()
  }

  /** Ends reading, as leaving a loop does. */
  return(): Promise<IteratorResult<FeedRecord, void>> {
    this.close()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

class Records implements Source<FollowFeedResponse, FeedRecord> {
  readonly #connection: Connection
  readonly #container: string
  readonly #isFromStart: boolean
  #cursor: string
  #lastSequence = -1
  /** It never ends by itself: an end is a connection that was lost. */
  readonly isComplete = false

  constructor(connection: Connection, options: FeedOptions) {
    this.#connection = connection
    this.#container = options.container ?? ""
    this.#isFromStart = options.fromStart ?? false
    this.#cursor = options.after ?? ""
  }

  open(signal: AbortSignal): AsyncIterable<FollowFeedResponse> {
    const from =
      this.#cursor !== ""
        ? { case: "cursor" as const, value: this.#cursor }
        : this.#isFromStart
          ? { case: "start" as const, value: true }
          : { case: undefined }
    return this.#connection.timelines.followFeed({ container: this.#container, from }, { signal })
  }

  accept(message: FollowFeedResponse): FeedRecord | undefined {
    const event = message.event
    if (event.case === "heartbeat" && event.value.cursor !== "") this.#cursor = event.value.cursor
    if (event.case !== "record" || Number(event.value.sequence) <= this.#lastSequence) return undefined
    this.#lastSequence = Number(event.value.sequence)
    this.#cursor = event.value.cursor
    return feedRecordOf(event.value)
  }
}
