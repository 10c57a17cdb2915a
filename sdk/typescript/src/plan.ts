import type { CallOptions } from "./call-options.js"
import type { Container } from "./container.js"
import type { ContainerSpec, HealthCheck, Limits, Mount, NetworkMode, Port, TerminalSize } from "./spec.js"

/** How a command of a {@link LazyContainer} runs. */
export interface ExecOptions {
  /** Whether it must exit with 0 (the default), or may end as it likes. */
  expect?: "success" | "any"
  /** What it reads from its stdin, which then ends. */
  stdin?: string
  /** Puts the image's entrypoint before it. */
  useEntrypoint?: boolean
}

/** What a process of the container has. */
export interface ProcessSettings {
  readonly env: Readonly<Record<string, string>>
  readonly workdir: string | undefined
  readonly user: string | undefined
}

/** Puts files into a container. */
export type FileWrite = (container: Container, options: CallOptions) => Promise<void>

/** One command of a container. */
export interface Step extends ProcessSettings, ExecOptions {
  readonly command: readonly string[]
  /** The size of its terminal, if it has one. */
  readonly terminal?: TerminalSize
  /** Before it runs, in this order. */
  readonly files: readonly FileWrite[]
}

/** What a {@link LazyContainer} is: a value that is never changed. */
export interface Plan {
  readonly image: string
  readonly steps: readonly Step[]
  /** For the steps that are added from here on. */
  readonly settings: ProcessSettings
  /** For the step that is added next; without any, for what the image says. */
  readonly files: readonly FileWrite[]
  /** Of the container, for all its steps. */
  readonly limits: Limits
  readonly mounts: readonly Mount[]
  readonly ports: readonly Port[]
  readonly labels: Readonly<Record<string, string>>
  readonly network: NetworkMode | undefined
  readonly healthCheck: HealthCheck | undefined
  readonly timeoutMillis: number | undefined
  readonly hasStdin: boolean
}

export const EMPTY_PLAN: Plan = {
  image: "",
  steps: [],
  settings: { env: {}, workdir: undefined, user: undefined },
  files: [],
  limits: {},
  mounts: [],
  ports: [],
  labels: {},
  network: undefined,
  healthCheck: undefined,
  timeoutMillis: undefined,
  hasStdin: false,
}

/** What every container of a plan has, whatever runs in it. */
export function containerSpecOf(plan: Plan): ContainerSpec {
  return {
    image: plan.image,
    limits: plan.limits,
    mounts: plan.mounts,
    ports: plan.ports,
    labels: plan.labels,
    ...(plan.network === undefined ? {} : { network: plan.network }),
    ...(plan.healthCheck === undefined ? {} : { healthCheck: plan.healthCheck }),
    ...(plan.timeoutMillis === undefined ? {} : { timeoutMillis: plan.timeoutMillis }),
    // Else a command that sets no handler, as sleep, could not be ended by a signal: the kernel spares pid 1.
    init: true,
    autoRemove: true,
  }
}
