import type { ByteSize } from "./size.js"

/** How a container is connected. */
export type NetworkMode = "bridge" | "host" | "none"

/** The size of a terminal, in characters. */
export interface TerminalSize {
  columns: number
  rows: number
}

/** What a container may use. What is not set has no limit. */
export interface Limits {
  /** At most so much memory. */
  memory?: ByteSize
  /** Memory and swap together; -1 for no limit. */
  memorySwap?: ByteSize
  /** Processor time, in processors: 0.5, 2. */
  cpus?: number
  /** Its weight where processors are scarce; 1024 is the usual. */
  cpuShares?: number
  /** The processors it may run on: `0-1,3`. */
  cpuset?: string
  /** Processes and threads. */
  pids?: number
}

/** Something mounted into a container. */
export interface Mount {
  type: "bind" | "tmpfs" | "volume"
  /** Of a bind: an absolute path on the server's host. Of a volume: its name; empty: one of its own. */
  source?: string
  /** Where it appears in the container. */
  target: string
  readOnly?: boolean
  /** Of a tmpfs. */
  size?: ByteSize
  /** As mount(8) has them. */
  options?: readonly string[]
}

/** A port of the container that can be reached at one of the host. */
export interface Port {
  port: number
  /** 0: any that is free; by default the same. */
  hostPort?: number
  /** By default all of the host's. */
  hostAddress?: string
  protocol?: "tcp" | "udp"
}

/** Whether a container is started again when its process has ended by itself. */
export interface RestartPolicy {
  kind: "no" | "on-failure" | "always" | "unless-stopped"
  /** Of on-failure; 0 or unset: without end. */
  retriesMax?: number
}

/** A command or a probe that tells whether a container is healthy. */
export interface HealthCheck {
  /** As Docker has it: `["CMD", …]`, `["CMD-SHELL", line]`, `["NONE"]`; also HTTP, TCP and SOCKET. */
  test: readonly string[]
  intervalMillis?: number
  timeoutMillis?: number
  retries?: number
  startPeriodMillis?: number
}

/** What a container is to be. What is not set is as the image says, or the server's default. */
export interface ContainerSpec {
  /** By reference (`busybox`, `localhost:5000/app:1`) or id. */
  image: string
  /** 64 lower-case hex digits; by default random ones. A repeated request makes no second container. */
  id?: string
  /** A unique name; by default the server makes one. */
  name?: string
  /** What to run; replaces the image's command. */
  command?: readonly string[]
  /** Replaces the image's entrypoint, also by none. */
  entrypoint?: readonly string[]
  env?: Readonly<Record<string, string>>
  /** The absolute path to run in. */
  workingDirectory?: string
  /** `user[:group]`, names or numbers. */
  user?: string
  groups?: readonly string[]
  hostname?: string
  network?: NetworkMode
  /** Names that it resolves by itself, each with its address. */
  hosts?: Readonly<Record<string, string>>
  /** Addresses of whom it asks for names. */
  dns?: readonly string[]
  mounts?: readonly Mount[]
  ports?: readonly Port[]
  readOnlyRoot?: boolean
  /** An init program is pid 1, hands signals on and reaps orphans; the process is its child. */
  init?: boolean
  limits?: Limits
  labels?: Readonly<Record<string, string>>
  /** Lets clients write to its stdin. */
  stdin?: boolean
  /** Gives it a terminal. */
  terminal?: TerminalSize
  privileged?: boolean
  addedCapabilities?: readonly string[]
  droppedCapabilities?: readonly string[]
  noNewPrivileges?: boolean
  stopSignal?: string
  /** How long it has to end before it is killed. */
  stopGraceMillis?: number
  /** How long it may run; it then ends with reason `timed_out`. */
  timeoutMillis?: number
  restart?: RestartPolicy
  healthCheck?: HealthCheck
  /** What becomes of it when its output has no room on the server's disk. */
  onFullDisk?: "wait" | "drop"
  /** Removes it when it has exited; its timeline stays for the server's retention period. */
  autoRemove?: boolean
}

/** A process to be added to a running container. What is not set is as in the container. */
export interface ExecSpec {
  command: readonly string[]
  /** 1 to 64 of `[a-zA-Z0-9_.-]`, unique in the container; by default a random one. */
  id?: string
  env?: Readonly<Record<string, string>>
  workingDirectory?: string
  user?: string
  stdin?: boolean
  terminal?: TerminalSize
  privileged?: boolean
}
