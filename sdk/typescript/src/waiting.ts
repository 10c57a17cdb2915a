import type { CallOptions } from "./call-options.js"
import { TailraceError } from "./errors.js"
import { abortedBy } from "./failures.js"

/** A time and a caller's signal as one signal; released when the wait is over. */
export class Waiting {
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal | undefined
  readonly #timer: ReturnType<typeof setTimeout> | undefined
  readonly #aborted = () => {
    this.#controller.abort(this.#caller?.reason)
  }

  constructor(options: CallOptions) {
    const timeout = options.timeoutMillis
    this.signal = this.#controller.signal
    this.#caller = options.signal
    if (this.#caller?.aborted === true) this.#aborted()
    else this.#caller?.addEventListener("abort", this.#aborted, { once: true })
    if (timeout !== undefined) {
      this.#timer = setTimeout(() => {
        this.#controller.abort(new TailraceError("DEADLINE_EXCEEDED", `not done within ${timeout} ms`))
      }, timeout)
    }
  }

  release(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener("abort", this.#aborted)
  }

  /** What is waited for, or the failure that the signal brings: what is waited for goes on. */
  for<T>(coming: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const aborted = () => {
        reject(abortedBy(this.signal))
      }
      if (this.signal.aborted) aborted()
      else this.signal.addEventListener("abort", aborted, { once: true })
      coming.then(resolve, reject).finally(() => {
        this.signal.removeEventListener("abort", aborted)
      })
    })
  }
}
