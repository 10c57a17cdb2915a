import { findEndpoint, parseEndpoint } from "./endpoint.js"
import { TailraceError } from "./errors.js"
import { grpcChannel } from "./grpc-channel.js"
import { LocalServer } from "./local-server.js"
import { Tailrace, type ClientOptions } from "./tailrace.js"

/** Which server, and how to speak to it. */
export interface ConnectOptions extends ClientOptions {
  /**
   * `unix:///path`, `http://host:port` or `https://host:port`. By default `TAILRACE_HOST`; else the local unix socket or
   * `http://127.0.0.1:8080` if a server answers there; else one is started, by the `tailrace` on the PATH, and ended with
   * the client.
   */
  address?: string
  /** The server's token; by default `TAILRACE_TOKEN`. */
  token?: string
  /** Ends finding and starting a server. */
  signal?: AbortSignal
}

/**
 * A client of a server, to be closed: `await using client = await open()`. It connects with the first call. UNAVAILABLE if
 * none was named, none runs, and none can be started.
 */
export async function open(options: ConnectOptions = {}): Promise<Tailrace> {
  const token = (options.token ?? process.env["TAILRACE_TOKEN"] ?? "").trim()
  const found = options.address === undefined ? await findEndpoint(process.env) : parseEndpoint(options.address)
  if (found !== undefined) return new Tailrace(grpcChannel(found, token === "" ? undefined : token), options)
  const server = await LocalServer.start(options.LogOutput, options.signal)
  if (server === undefined) {
    throw new TailraceError(
      "UNAVAILABLE",
      "no server is running, and there is no tailrace on the PATH to start one (expected: TAILRACE_HOST, or a local server)",
    )
  }
  const channel = grpcChannel(server.endpoint, undefined)
  return new Tailrace(channel, options, () => server.stop())
}

/**
 * Hands a client to a function, and closes it when that is done: containers of its that still run then are ended.
 *
 * @returns what the function returns
 */
export async function connect<T>(
  work: (client: Tailrace) => T | Promise<T>,
  options: ConnectOptions = {},
): Promise<Awaited<T>> {
  const client = await open(options)
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}
