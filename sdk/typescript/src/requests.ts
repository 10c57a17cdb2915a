// From specs to the requests of the wire.
import { create } from "@bufbuild/protobuf"
import { durationFromMs } from "@bufbuild/protobuf/wkt"
import { invalid } from "./errors.js"
import {
  CreateContainerRequestSchema,
  CreateExecRequestSchema,
  LimitsSchema,
  Mount_Type,
  NetworkMode as WireNetwork,
  OnFullDisk as WireOnFullDisk,
  Port_Protocol,
  RestartPolicy_Kind,
  type CreateContainerRequest,
  type CreateExecRequest,
  type Limits as WireLimits,
} from "./gen/tailrace/v1/containers_pb.js"
import { containerId, execId } from "./ids.js"
import { bytesIn } from "./size.js"
import type { ContainerSpec, ExecSpec, HealthCheck, Limits, TerminalSize } from "./spec.js"

const NANOS = 1e9

const NETWORKS = { bridge: WireNetwork.BRIDGE, host: WireNetwork.HOST, none: WireNetwork.NONE }
const MOUNTS = { bind: Mount_Type.BIND, tmpfs: Mount_Type.TMPFS, volume: Mount_Type.VOLUME }
const RESTARTS = {
  no: RestartPolicy_Kind.NO,
  "on-failure": RestartPolicy_Kind.ON_FAILURE,
  always: RestartPolicy_Kind.ALWAYS,
  "unless-stopped": RestartPolicy_Kind.UNLESS_STOPPED,
}

/** The request that makes a container. */
export function createRequest(spec: ContainerSpec, start: boolean): CreateContainerRequest {
  return create(CreateContainerRequestSchema, {
    id: spec.id ?? containerId(),
    name: spec.name ?? "",
    start,
    spec: { ...processOf(spec), ...isolationOf(spec), ...policiesOf(spec) },
  })
}

function processOf(spec: ContainerSpec) {
  return {
    image: spec.image,
    command: [...(spec.command ?? [])],
    ...(spec.entrypoint === undefined ? {} : { entrypoint: { arguments: [...spec.entrypoint] } }),
    environment: { ...spec.env },
    workingDirectory: spec.workingDirectory ?? "",
    user: spec.user ?? "",
    groups: [...(spec.groups ?? [])],
    stdin: spec.stdin ?? false,
    tty: spec.terminal !== undefined,
    ...(spec.terminal === undefined ? {} : { terminalSize: terminalSize(spec.terminal) }),
    init: spec.init ?? false,
  }
}

function isolationOf(spec: ContainerSpec) {
  return {
    hostname: spec.hostname ?? "",
    network: spec.network === undefined ? WireNetwork.UNSPECIFIED : NETWORKS[spec.network],
    hosts: Object.entries(spec.hosts ?? {}).map(([name, address]) => ({ name, address })),
    ...(spec.dns === undefined ? {} : { dns: { servers: [...spec.dns] } }),
    mounts: (spec.mounts ?? []).map(mount => ({
      type: MOUNTS[mount.type],
      source: mount.source ?? "",
      target: mount.target,
      readOnly: mount.readOnly ?? false,
      sizeBytes: mount.size === undefined ? 0n : bytesIn("tmpfs size", mount.size),
      options: [...(mount.options ?? [])],
    })),
    ports: (spec.ports ?? []).map(port => ({
      hostAddress: port.hostAddress ?? "",
      hostPort: port.hostPort ?? port.port,
      port: port.port,
      protocol: port.protocol === "udp" ? Port_Protocol.UDP : Port_Protocol.TCP,
    })),
    readOnlyRoot: spec.readOnlyRoot ?? false,
    privileged: spec.privileged ?? false,
    addedCapabilities: [...(spec.addedCapabilities ?? [])],
    droppedCapabilities: [...(spec.droppedCapabilities ?? [])],
    noNewPrivileges: spec.noNewPrivileges ?? false,
    ...(spec.limits === undefined ? {} : { limits: limitsOf(spec.limits) }),
  }
}

function policiesOf(spec: ContainerSpec) {
  return {
    labels: { ...spec.labels },
    stopSignal: spec.stopSignal ?? "",
    ...(spec.stopGraceMillis === undefined ? {} : { stopGrace: millis("stopGraceMillis", spec.stopGraceMillis) }),
    ...(spec.timeoutMillis === undefined ? {} : { timeout: millis("timeoutMillis", spec.timeoutMillis) }),
    ...(spec.restart === undefined
      ? {}
      : { restart: { kind: RESTARTS[spec.restart.kind], retriesMax: spec.restart.retriesMax ?? 0 } }),
    ...(spec.healthCheck === undefined ? {} : { healthCheck: healthCheckOf(spec.healthCheck) }),
    ...(spec.onFullDisk === undefined
      ? {}
      : { onFullDisk: spec.onFullDisk === "wait" ? WireOnFullDisk.WAIT : WireOnFullDisk.DROP }),
    autoRemove: spec.autoRemove ?? false,
  }
}

function healthCheckOf(check: HealthCheck) {
  return {
    test: [...check.test],
    ...(check.intervalMillis === undefined ? {} : { interval: millis("intervalMillis", check.intervalMillis) }),
    ...(check.timeoutMillis === undefined ? {} : { timeout: millis("timeoutMillis", check.timeoutMillis) }),
    ...(check.startPeriodMillis === undefined
      ? {}
      : { startPeriod: millis("startPeriodMillis", check.startPeriodMillis) }),
    retries: check.retries ?? 0,
  }
}

/** The limits, as the wire has them. */
export function limitsOf(limits: Limits): WireLimits {
  const { memory, memorySwap, cpus } = limits
  if (cpus !== undefined && !(cpus >= 0)) throw invalid("cpus", cpus, ">= 0")
  const isEndless = memorySwap === -1 || memorySwap === "-1"
  return create(LimitsSchema, {
    memoryBytes: memory === undefined ? 0n : bytesIn("memory", memory),
    memorySwapBytes: memorySwap === undefined ? 0n : isEndless ? -1n : bytesIn("memorySwap", memorySwap),
    cpuNanos: BigInt(Math.round((cpus ?? 0) * NANOS)),
    cpuShares: whole("cpuShares", limits.cpuShares ?? 0),
    cpus: limits.cpuset ?? "",
    pids: whole("pids", limits.pids ?? 0),
  })
}

/** The request that adds a process to a container. */
export function execRequest(container: string, spec: ExecSpec): CreateExecRequest {
  return create(CreateExecRequestSchema, {
    container,
    id: spec.id ?? execId(),
    command: [...spec.command],
    environment: { ...spec.env },
    workingDirectory: spec.workingDirectory ?? "",
    user: spec.user ?? "",
    stdin: spec.stdin ?? false,
    tty: spec.terminal !== undefined,
    ...(spec.terminal === undefined ? {} : { terminalSize: terminalSize(spec.terminal) }),
    privileged: spec.privileged ?? false,
  })
}

function terminalSize(size: TerminalSize) {
  return { columns: Number(whole("columns", size.columns)), rows: Number(whole("rows", size.rows)) }
}

function whole(name: string, value: number): bigint {
  if (!Number.isSafeInteger(value) || value < 0) throw invalid(name, value, "a whole number >= 0")
  return BigInt(value)
}

/** A duration, as the wire has it. */
export function millis(name: string, value: number) {
  if (!(value >= 0) || !Number.isFinite(value)) throw invalid(name, value, ">= 0")
  return durationFromMs(value)
}
