import { wordOf } from "./container-status.js"
import type { Container } from "./container.js"
import type { Execution } from "./execution.js"
import type { ContainerState, ExitRecord, StateRecord, TimelineRecord } from "./records.js"

/** Something that happened to a container. */
export interface LifecycleEvent {
  container_id: string
  /** `registered`, `started`, `paused`, `resumed`, `exited` */
  event_type: string
  /** Its status since: `pending`, `running`, `paused`, `exited`. */
  status: string
  /** Unix time in seconds. */
  timestamp: number
  /** In `exited`. */
  exit_code?: number
  /** For people. */
  message: string
}

const NANOS_PER_SECOND = 1_000_000_000n

/** What happens to a run, from its beginning to its exit, whenever one asks. */
export async function* lifecycleOf(execution: Execution, signal: AbortSignal): AsyncGenerator<LifecycleEvent, void, void> {
  const container = await execution.container()
  const events = new Events(container)
  if (execution.current !== container) {
    yield* ofChain(execution, container, events, signal)
    return
  }
  for await (const record of container.follow({ kinds: ["state"], signal })) {
    const event = events.of(record)
    if (event !== undefined) yield event
  }
}

/** What happens to the container that holds the files, until the last command has ended. */
async function* ofChain(
  execution: Execution,
  container: Container,
  events: Events,
  signal: AbortSignal,
): AsyncGenerator<LifecycleEvent, void, void> {
  const holder = container.follow({ kinds: ["state"], until: "never", signal })
  const ended = exitOf(execution, signal)
  ended.catch(() => undefined)
  try {
    for (;;) {
      const next = await Promise.race([holder.next(), ended])
      if ("kind" in next) {
        yield events.exited(next)
        return
      }
      if (next.done === true) return
      if (next.value.kind === "exit") {
        // Removed behind the last command, or by another hand: that command's own end says it.
        yield events.exited(await ended)
        return
      }
      const event = events.of(next.value)
      if (event !== undefined) yield event
    }
  } finally {
    holder.close()
  }
}

async function exitOf(execution: Execution, signal: AbortSignal): Promise<ExitRecord> {
  let last
  try {
    last = await execution.process()
  } catch (error) {
    last = execution.current
    if (execution.exit === undefined || last === undefined) throw error
  }
  for await (const record of last.follow({ kinds: ["state"], signal })) {
    if (record.kind === "exit") return record
  }
  throw new Error("a follow to the exit ended without it")
}

/** From the records of a timeline to events. */
class Events {
  readonly #id: string
  #state: ContainerState | undefined

  constructor(container: Container) {
    this.#id = container.id
  }

  of(record: TimelineRecord): LifecycleEvent | undefined {
    if (record.kind === "exit") return this.exited(record)
    if (record.kind !== "state" || record.attributes["event"] !== undefined) return undefined
    const before = this.#state
    this.#state = record.state
    switch (record.state) {
      case "created":
        return this.#event(record, "registered", "is made")
      case "running":
        return before === "paused" ? this.#event(record, "resumed", "goes on") : this.#event(record, "started", "runs")
      case "paused":
        return this.#event(record, "paused", "is paused")
      default:
        return undefined
    }
  }

  exited(record: ExitRecord): LifecycleEvent {
    const { exitCode, reason, message } = record.exit
    return {
      ...this.#event(record, "exited", `${reason}, exit code ${exitCode}${message ? `: ${message}` : ""}`),
      status: "exited",
      exit_code: exitCode,
    }
  }

  #event(record: StateRecord | ExitRecord, type: string, what: string): LifecycleEvent {
    return {
      container_id: this.#id,
      event_type: type,
      status: record.kind === "state" ? wordOf(record.state) : "exited",
      timestamp: Number(record.timestampNanos / NANOS_PER_SECOND),
      message: `container ${this.#id.slice(0, 12)} ${what}`,
    }
  }
}
