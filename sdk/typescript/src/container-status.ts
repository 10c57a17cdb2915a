import type { CallOptions } from "./call-options.js"
import { CommandFailedError, TailraceError } from "./errors.js"
import type { Execution } from "./execution.js"
import type { ContainerState, ExitStatus, ProcessStatus, Stats } from "./records.js"

/** What is to be in a {@link ContainerStatus}. */
export interface StatusOptions extends CallOptions {
  /** Whether to measure what it uses, while it is up. */
  includeResourceUsage?: boolean
}

/** What a container uses now. */
export interface ResourceUsage {
  /** Of one processor: 200 is two busy ones. */
  cpu_percent: number
  memory_bytes: number
  /** 0: none. */
  memory_limit: number
  io_read_bytes: number
  io_write_bytes: number
}

/** Where a container stands. */
export interface ContainerStatus {
  /** 64 hex digits; empty while its image is being fetched. */
  container_id: string
  /** `pending`, `running`, `paused`, `exited` */
  status: string
  /** Unix time in seconds; 0 if it was not started. */
  started_at: number
  /** Unix time in seconds, if it has exited. */
  finished_at?: number
  /** If it has exited: 128 + n for signal n; -1 if it is not known. */
  exit_code?: number
  /** If it was asked for, and the container is up. */
  resource_usage?: ResourceUsage
}

/** The word for a state; that the last output is still being recorded is not yet the end. */
export function wordOf(state: ContainerState): string {
  switch (state) {
    case "created":
    case "starting":
      return "pending"
    case "exited":
    case "removed":
      return "exited"
    case "paused":
      return "paused"
    default:
      return "running"
  }
}

/** Where a run stands: does not wait for its command, only for its container, and for that not while an image is fetched. */
export async function statusOf(execution: Execution, options: StatusOptions): Promise<ContainerStatus> {
  const container = await execution.containerOrPull()
  if (container === undefined) return { container_id: "", status: "pending", started_at: 0 }
  const failure = execution.failure
  if (failure !== undefined && !(failure instanceof CommandFailedError)) throw failure
  const isChain = execution.current !== container
  if (isChain && execution.exit !== undefined) return exitedOf(container.id, await lastOf(execution, options), execution.exit)
  const status = await unlessGone(() => container.status(options))
  if (status === undefined || (!isChain && wordOf(status.state) === "exited")) {
    const exit = execution.exit ?? status?.exit
    if (exit === undefined) throw new TailraceError("NOT_FOUND", `container: ${container.id} (expected: one that is still kept)`)
    return exitedOf(container.id, status, exit)
  }
  const isUp = status.state === "running" || status.state === "paused"
  const stats = options.includeResourceUsage === true && isUp ? await unlessGone(() => container.stats(options)) : undefined
  return {
    container_id: container.id,
    status: wordOf(status.state),
    started_at: secondsOf(status.startedAt),
    ...(stats === undefined ? {} : { resource_usage: usageOf(stats) }),
  }
}

/** The last of several commands, if its timeline is still kept. */
async function lastOf(execution: Execution, options: CallOptions): Promise<ProcessStatus | undefined> {
  return unlessGone(async () => execution.current?.status(options))
}

function exitedOf(id: string, status: ProcessStatus | undefined, exit: ExitStatus): ContainerStatus {
  return {
    container_id: id,
    status: "exited",
    started_at: secondsOf(status?.startedAt),
    finished_at: secondsOf(status?.finishedAt),
    exit_code: exit.exitCode,
  }
}

/** What is asked of something that may have ended since, and be kept no longer. */
async function unlessGone<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question()
  } catch (error) {
    const isGone = error instanceof TailraceError && (error.code === "NOT_FOUND" || error.code === "FAILED_PRECONDITION")
    if (!isGone) throw error
    return undefined
  }
}

function usageOf(stats: Stats): ResourceUsage {
  return {
    cpu_percent: stats.cpuPercent,
    memory_bytes: stats.memoryBytes,
    memory_limit: stats.memoryLimitBytes,
    io_read_bytes: stats.blockReadBytes,
    io_write_bytes: stats.blockWriteBytes,
  }
}

function secondsOf(time: Date | undefined): number {
  return time === undefined ? 0 : Math.floor(time.getTime() / 1000)
}
