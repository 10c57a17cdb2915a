import { TailraceError } from "./errors.js"

const CHUNK_BYTES = 65_536

/** An archive that a call sends in pieces, behind a message that opens it; once more where the call is, if it can be read again. */
export class SentArchive<Open> {
  readonly #open: Open
  readonly #archive: Uint8Array | AsyncIterable<Uint8Array>
  /** Its own failure, which is not one of the call. */
  #failure: { readonly error: unknown } | undefined
  /** Whether it has been begun and cannot be begun again. */
  #isUsedUp = false

  constructor(open: Open, archive: Uint8Array | AsyncIterable<Uint8Array>) {
    this.#open = open
    this.#archive = archive
  }

  /** The messages of one call. UNAVAILABLE if an earlier one has taken what can be read once only. */
  requests() {
    if (this.#isUsedUp) {
      throw new TailraceError("UNAVAILABLE", "the connection was lost, and the archive can be read once only")
    }
    return this.#messages()
  }

  /** Why a call has failed: the archive's own failure, if it had one. */
  causeOf(error: unknown): unknown {
    return this.#failure === undefined ? error : this.#failure.error
  }

  async *#messages() {
    yield { message: { case: "open" as const, value: this.#open } }
    const archive = this.#archive
    const parts = archive instanceof Uint8Array ? pieces([archive]) : archive[Symbol.asyncIterator]()
    this.#isUsedUp = Object.is(parts, archive)
    try {
      for (;;) {
        const next = await parts.next().catch((error: unknown) => {
          this.#failure = { error }
          throw error
        })
        if (next.done === true) return
        for (let at = 0; at < next.value.length; at += CHUNK_BYTES) {
          yield { message: { case: "data" as const, value: next.value.subarray(at, at + CHUNK_BYTES) } }
        }
      }
    } finally {
      await parts.return?.()
    }
  }
}

/** Parts that are there, as what comes. */
// eslint-disable-next-line @typescript-eslint/require-await -- what takes archives takes them as they come
export async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* parts
}
