import type { Container } from "./container.js"
import type { FileWrite } from "./plan.js"
import type { Session } from "./session.js"
import type { ContainerSpec } from "./spec.js"
import type { Stdin } from "./stdin.js"

/** A container on its way to running, and perhaps an image on its way before it. */
export class ContainerStart {
  /** Settles when its process runs, or never will. */
  readonly container: Promise<Container>
  readonly #pullBegun: Promise<undefined>
  #isPulling = false

  /** @param files that it has when it starts */
  constructor(session: Session, spec: ContainerSpec, files: readonly FileWrite[] = []) {
    let told: () => void = () => undefined
    this.#pullBegun = new Promise(resolve => {
      told = () => {
        resolve(undefined)
      }
    })
    this.container = session
      .run(spec, files, () => {
        this.#isPulling = true
        told()
      })
      .finally(() => {
        this.#isPulling = false
      })
    // Who waits hears of a failure; nobody has to.
    this.container.catch(() => undefined)
  }

  /** Settles with the container, or with undefined as soon as an image has to be fetched for it. */
  containerOrPull(): Promise<Container | undefined> {
    return this.#isPulling ? Promise.resolve(undefined) : Promise.race([this.container, this.#pullBegun])
  }
}

/** Hands a process all of its input, which then ends, without waiting for it to read. */
export function feedStdin(process: { stdin(): Stdin }, text: string): void {
  const stdin = process.stdin()
  stdin
    .write(text)
    .then(() => stdin.close())
    // A process may end without reading it all: its exit says how.
    .catch(() => undefined)
}
