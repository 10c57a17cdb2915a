import { Crc32 } from "./crc32.js"
import { TailraceError } from "./errors.js"
import { isMissing, type GapRecord, type OutputRecord, type StandardStream, type TimelineRecord } from "./records.js"

/** Where a follow begins, as far as it matters for what can be proven. */
export interface Beginning {
  /** Whether records come without holes: nothing is filtered out. */
  readonly isDense: boolean
  /** Whether it begins with the first record. */
  readonly isFromStart: boolean
  /** The streams that come from offset 0, whole. */
  readonly wholeStreams: readonly StandardStream[]
}

interface Received {
  readonly crc32: Crc32
  length: number
}

/**
 * Checks that records arrive as the delivery contract promises: sequences without repetition and, where nothing is
 * filtered out, without holes; the bytes of a stream without holes; and at the exit, lengths and checksums.
 */
export class Delivery {
  /** The streams followed from offset 0 without a gap so far. */
  readonly #whole = new Map<StandardStream, Received>()
  readonly #isDense: boolean
  readonly #isFromStart: boolean
  #lastSequence = -1
  #isEnded = false

  constructor(beginning: Beginning) {
    this.#isDense = beginning.isDense
    this.#isFromStart = beginning.isFromStart
    for (const stream of beginning.wholeStreams) this.#whole.set(stream, { crc32: new Crc32(), length: 0 })
  }

  /** False for a record that arrived before. */
  isNew(sequence: number): boolean {
    return sequence > this.#lastSequence
  }

  /** @param record undefined for a kind that this client does not know; it still has its sequence */
  accept(sequence: number, record: TimelineRecord | undefined): void {
    if (this.#isDense && this.#lastSequence >= 0 && sequence !== this.#lastSequence + 1) {
      throw corrupt("sequence", sequence, this.#lastSequence + 1)
    }
    if (this.#isDense && this.#isFromStart && this.#lastSequence < 0 && sequence !== 1) {
      throw corrupt("sequence", sequence, 1)
    }
    this.#lastSequence = sequence
    switch (record?.kind) {
      case "output":
        this.#output(record)
        break
      case "gap":
        this.#gap(record)
        break
      case "exit":
        this.#isEnded = true
        this.#verify("stdout", record.exit.stdoutLength, record.exit.stdoutCrc32)
        this.#verify("stderr", record.exit.stderrLength, record.exit.stderrCrc32)
        break
      case "state":
        // Started again: what follows has an exit of its own. Removed without ever having run is an end too.
        this.#isEnded = (this.#isEnded && record.state !== "starting") || record.state === "removed"
        break
      default:
    }
  }

  /** Whether a stream that ends here has its exit; or began behind it and had nothing to say. */
  get isEnded(): boolean {
    return this.#isEnded || (this.#lastSequence < 0 && !this.#isFromStart)
  }

  #output(output: OutputRecord): void {
    const received = this.#whole.get(output.stream)
    if (received === undefined) return
    if (output.offset !== received.length) throw corrupt(`${output.stream} offset`, output.offset, received.length)
    received.crc32.update(output.data)
    received.length += output.data.length
  }

  #gap(gap: GapRecord): void {
    this.#lastSequence = Math.max(this.#lastSequence, gap.lastSequence)
    for (const stream of ["stdout", "stderr"] as const) {
      if (isMissing(gap, stream)) this.#whole.delete(stream)
    }
  }

  #verify(stream: StandardStream, length: number, crc32: number): void {
    const received = this.#whole.get(stream)
    if (received === undefined) return
    if (received.length !== length) throw corrupt(`${stream} length`, received.length, length)
    if (received.crc32.value !== crc32) {
      throw corrupt(`${stream} CRC-32`, received.crc32.value.toString(16), crc32.toString(16))
    }
  }
}

function corrupt(name: string, value: number | string, expected: number | string): TailraceError {
  return new TailraceError("CORRUPT", `${name}: ${value} (expected: ${expected})`)
}
