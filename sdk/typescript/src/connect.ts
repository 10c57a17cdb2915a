import { parseEndpoint } from "./endpoint.js"
import { invalid, TailraceError } from "./errors.js"
import { findServer, variable } from "./find-server.js"
import { grpcChannel } from "./grpc-channel.js"
import { findProgram, LocalServer } from "./local-server.js"
import { Tailrace, type ClientOptions } from "./tailrace.js"

/** Which server, and how to speak to it. */
export interface ConnectOptions extends ClientOptions {
  /**
   * `unix:///path`, `http://host:port` or `https://host:port`. By default `TAILRACE_HOST`; else the context in use
   * (`TAILRACE_CONTEXT`, or what `tailrace context use` was told); else the local unix socket or `http://127.0.0.1:8080` if
   * a server answers there; else one is started, by the `tailrace` on the PATH, and ended with the client, or with this
   * process.
   */
  address?: string
  /**
   * The name of the context whose server is meant, whatever the environment says; `default` for the local one. Not beside
   * an address.
   */
  context?: string
  /** The server's token; by default the context's, if the address is, else `TAILRACE_TOKEN`. */
  token?: string
  /** Ends finding and starting a server. */
  signal?: AbortSignal
}

/**
 * A client of a server, to be closed: `await using client = await open()`. It connects with the first call. UNAVAILABLE if
 * none was named, none runs, and none can be started, naming all that was tried; NOT_FOUND for a context that does not exist;
 * INVALID_ARGUMENT for one beside an address.
 */
export async function open(options: ConnectOptions = {}): Promise<Tailrace> {
  if (options.address !== undefined && options.context !== undefined) {
    throw invalid("context", options.context, `it or the address ${options.address}, not both`)
  }
  if (options.address !== undefined) {
    const token = options.token ?? variable(process.env, "TAILRACE_TOKEN")
    return new Tailrace(grpcChannel(parseEndpoint(options.address), given(token)), options)
  }
  const found = await findServer(process.env, options.context, options.token)
  if ("endpoint" in found) {
    return new Tailrace(grpcChannel(found.endpoint, given(found.token)), options)
  }
  return startServer(found.tried, options)
}

function given(token: string | undefined): string | undefined {
  const text = token?.trim() ?? ""
  return text === "" ? undefined : text
}

async function startServer(tried: readonly string[], options: ConnectOptions): Promise<Tailrace> {
  const program = findProgram("tailrace")
  if (program === undefined) throw noServer([...tried, "tailrace: not on the PATH"])
  const server = await LocalServer.start(program, options.LogOutput, options.signal).catch((error: unknown) => {
    if (!(error instanceof TailraceError) || error.code !== "UNAVAILABLE") throw error
    throw noServer([...tried, error.message], error)
  })
  try {
    return new Tailrace(grpcChannel(server.endpoint, undefined), options, () => server.stop())
  } catch (error) {
    await server.stop()
    throw error
  }
}

function noServer(tried: readonly string[], cause?: unknown): TailraceError {
  return new TailraceError("UNAVAILABLE", `no server was found, and none started. Tried:\n  ${tried.join("\n  ")}`, cause)
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
