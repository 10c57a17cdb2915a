export type { Bytes } from "./bytes.js"
export type { CallOptions } from "./call-options.js"
export type { ContainerStatus, ResourceUsage, StatusOptions } from "./container-status.js"
export { Container, type ContainerInfo, type WaitCondition } from "./container.js"
export { Containers, type ListOptions } from "./containers.js"
export { CommandFailedError, ERROR_CODES, TailraceError, type ErrorCode } from "./errors.js"
export { Exec } from "./exec.js"
export { Feed, type FeedOptions } from "./feed.js"
export type { CopyOptions, NewFileOptions, PathStatus, WriteFileOptions } from "./files.js"
export { Follow, type FollowOptions } from "./follow.js"
export { Images, type Image, type ImageProgress, type TransferOptions } from "./images.js"
export { LazyContainer, type StreamLogsChunk } from "./lazy-container.js"
export { LazyDirectory, LazyFile } from "./lazy-files.js"
export type { LifecycleEvent } from "./lifecycle.js"
export type { LineOptions, MatchedLine } from "./lines.js"
export type { ExecOptions } from "./plan.js"
export type { ContainerProcess } from "./process.js"
export * from "./records.js"
export type { ByteSize } from "./size.js"
export type {
  ContainerSpec,
  ExecSpec,
  HealthCheck,
  Limits,
  Mount,
  NetworkMode,
  Port,
  RestartPolicy,
  TerminalSize,
} from "./spec.js"
export { Stdin } from "./stdin.js"
export { Tailrace, type ClientOptions, type LogOutput, type ServerInfo } from "./tailrace.js"
