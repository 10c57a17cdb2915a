import { TailraceError } from "./errors.js"

/** How many runs of a client have a container that waits for readers of its files, beside those that are being read. */
const KEPT_RUNS_MAX = 64

/** The files that a run leaves, in a container that waits for their readers. */
export class KeptFiles {
  readonly #runs: KeptRuns
  readonly #remove: () => Promise<void>
  #readers = 0
  #isLeft = false
  #isGone = false

  /** @param remove removes the container; does not fail */
  constructor(runs: KeptRuns, remove: () => Promise<void>) {
    this.#runs = runs
    this.#remove = remove
  }

  get isRead(): boolean {
    return this.#readers > 0
  }

  /** The last command has succeeded. */
  left(): void {
    this.#isLeft = true
    this.#runs.used(this)
  }

  /** They stay until what this gives back is called. FAILED_PRECONDITION if they are gone. */
  hold(): () => void {
    if (this.#isGone) {
      const expected = `one of the client's last ${KEPT_RUNS_MAX} runs whose files were asked for`
      throw new TailraceError("FAILED_PRECONDITION", `files: gone with their container (expected: ${expected})`)
    }
    this.#readers++
    return () => {
      this.#readers--
      if (this.#isLeft) this.#runs.used(this)
    }
  }

  async remove(): Promise<void> {
    this.#isGone = true
    await this.#remove()
  }
}

/** The runs of one client whose containers wait: a bounded number. */
export class KeptRuns {
  /** The one that was used last is the last. */
  readonly #runs = new Set<KeptFiles>()

  /** One whose command has succeeded, or whose reader is done. */
  used(run: KeptFiles): void {
    this.#runs.delete(run)
    this.#runs.add(run)
    for (const each of this.#runs) {
      if (this.#runs.size <= KEPT_RUNS_MAX) return
      if (each.isRead) continue
      this.#runs.delete(each)
      void each.remove()
    }
  }
}
