import type { Container } from "./container.js"
import { ContainerStart, feedStdin } from "./container-start.js"
import { TailraceError } from "./errors.js"
import { END_MILLIS_MAX, type Execution } from "./execution.js"
import { containerId } from "./ids.js"
import { containerSpecOf, type FileWrite, type Plan, type Step } from "./plan.js"
import type { ExitStatus } from "./records.js"
import type { Session } from "./session.js"
import type { ContainerSpec } from "./spec.js"

/** The run of one command: it is the container's own process. */
export class SingleExecution implements Execution {
  readonly #session: Session
  readonly #step: Step | undefined
  readonly #spec: ContainerSpec
  readonly #files: readonly FileWrite[]
  #start: ContainerStart | undefined
  current: Container | undefined
  exit: ExitStatus | undefined
  failure: TailraceError | undefined
  readonly files = undefined

  /** @param plan of one step, or of none: then what the image says is run */
  constructor(session: Session, plan: Plan) {
    this.#session = session
    this.#step = plan.steps[0]
    this.#spec = specOf(plan, this.#step)
    this.#files = this.#step?.files ?? plan.files
  }

  get isBegun(): boolean {
    return this.#start !== undefined
  }

  get command(): readonly string[] {
    return this.#step?.command ?? []
  }

  container(): Promise<Container> {
    return this.#begin().container
  }

  containerOrPull(): Promise<Container | undefined> {
    return this.#begin().containerOrPull()
  }

  process(): Promise<Container> {
    return this.container()
  }

  exited(exit: ExitStatus): void {
    if (this.exit !== undefined) return
    this.exit = exit
    this.#session.ended(this)
    this.#session.say(`container ${this.current?.id.slice(0, 12) ?? ""} ${exit.reason}, exit code ${exit.exitCode}`)
  }

  async end(): Promise<void> {
    try {
      await (await this.container()).remove({ force: true, timeoutMillis: END_MILLIS_MAX })
    } catch (error) {
      // It was never started, or has removed itself.
      if (!(error instanceof TailraceError) || (error.code !== "NOT_FOUND" && error !== this.failure)) throw error
    }
  }

  #begin(): ContainerStart {
    if (this.#start !== undefined) return this.#start
    this.#session.began(this)
    const start = new ContainerStart(this.#session, this.#spec, this.#files)
    this.#start = start
    start.container.then(
      container => {
        this.current = container
        this.#session.say(`container ${container.id.slice(0, 12)} started: ${this.command.join(" ")}`)
        if (this.#step?.stdin !== undefined) feedStdin(container, this.#step.stdin)
      },
      (error: unknown) => {
        this.#session.ended(this)
        if (!(error instanceof TailraceError)) return
        this.failure = error
        // Perhaps nothing has run, and the id stays the same: who asks again tries again.
        if (error.code === "UNAVAILABLE") this.#start = undefined
      },
    )
    return start
  }
}

function specOf(plan: Plan, step: Step | undefined): ContainerSpec {
  const { env, workdir, user } = step ?? plan.settings
  return {
    ...containerSpecOf(plan),
    id: containerId(),
    env,
    ...(workdir === undefined ? {} : { workingDirectory: workdir }),
    ...(user === undefined ? {} : { user }),
    ...(step === undefined ? {} : { command: step.command }),
    ...(step === undefined || step.useEntrypoint === true ? {} : { entrypoint: [] }),
    ...(step?.terminal === undefined ? {} : { terminal: step.terminal }),
    stdin: plan.hasStdin || step?.stdin !== undefined,
  }
}
