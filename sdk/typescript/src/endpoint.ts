import { request } from "node:http"
import { homedir } from "node:os"
import { join } from "node:path"
import { invalid } from "./errors.js"

const PORT_DEFAULT = 8080
const PROBE_MILLIS_MAX = 1_000
const EXPECTED = "unix:///path/to/socket, http://host:port or https://host:port"

/** Where a server listens: a unix socket, or host and port with or without TLS. */
export interface Endpoint {
  /** For people, and as it is given. */
  readonly address: string
  /** What HTTP calls it; of a unix socket, localhost. */
  readonly baseUrl: string
  /** Path of the unix socket. */
  readonly socket: string | undefined
}

/** What an address says. INVALID_ARGUMENT if it is none. */
export function parseEndpoint(address: string): Endpoint {
  const path = address.startsWith("unix:") ? address.slice("unix:".length).replace(/^\/\//, "") : address
  if (path.startsWith("/")) return ofSocket(path)
  if (address.startsWith("unix:")) throw invalid("address", address, EXPECTED)
  let url: URL
  try {
    url = new URL(address.includes("://") ? address : `http://${address}`)
  } catch {
    throw invalid("address", address, EXPECTED)
  }
  // "tcp" because users of other container tools have it in their environment.
  const isTls = url.protocol === "https:"
  const host = /^\w+:\/\/([^/?#]+)/.exec(url.href)?.[1] ?? ""
  if (!["http:", "https:", "tcp:"].includes(url.protocol) || host === "" || url.username !== "") {
    throw invalid("address", address, EXPECTED)
  }
  const hasPort = /:\d+$/.test(host) || /:(80|443)\/?$/.test(address)
  const port = url.port !== "" ? url.port : hasPort || isTls ? (isTls ? "443" : "80") : String(PORT_DEFAULT)
  if (port === "0") throw invalid("address", address, EXPECTED)
  const baseUrl = `${isTls ? "https" : "http"}://${url.hostname}:${port}`
  return { address: baseUrl, baseUrl, socket: undefined }
}

/** That of a unix socket. */
export function ofSocket(path: string): Endpoint {
  return { address: `unix://${path}`, baseUrl: "http://localhost", socket: path }
}

/** Where a server listens by default, beside its socket. */
export const loopback = parseEndpoint(`http://127.0.0.1:${PORT_DEFAULT}`)

/** The unix socket that a server of this user listens on by default. */
export function defaultSocket(environment: NodeJS.ProcessEnv): string {
  if (process.getuid?.() === 0) return "/run/tailrace/tailrace.sock"
  // By the XDG Base Directory Specification; where it is not followed, beside the server's data.
  const runtime = environment["XDG_RUNTIME_DIR"] ?? ""
  if (runtime !== "") return join(runtime, "tailrace.sock")
  const data = environment["XDG_DATA_HOME"] ?? ""
  return join(data === "" ? join(homedir(), ".local", "share") : data, "tailrace", "tailrace.sock")
}

/** Why no Tailrace server answers there, of which others may use port 8080 as well; undefined if one does. */
export function probe(endpoint: Endpoint): Promise<string | undefined> {
  return new Promise(resolve => {
    const url = new URL("/health/live", endpoint.baseUrl)
    const asked = request(
      { socketPath: endpoint.socket, host: url.hostname, port: url.port, path: url.pathname, timeout: PROBE_MILLIS_MAX },
      response => {
        response.resume()
        resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode ?? 0} for ${url.pathname}`)
      },
    )
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${PROBE_MILLIS_MAX} ms`)))
    asked.on("error", error => {
      resolve(error.message)
    })
    asked.end()
  })
}
