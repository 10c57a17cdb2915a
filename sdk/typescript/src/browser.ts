/**
 * The same from a browser, over gRPC-Web. A browser cannot stream a request: `stdin`, `importArchive`
 * and what writes files are UNSUPPORTED; files are read.
 *
 * @packageDocumentation
 */
import { invalid } from "./errors.js"
import { Tailrace, type ClientOptions } from "./tailrace.js"
import { webChannel } from "./web-channel.js"

export * from "./exports.js"

/** Which server, and how to speak to it. */
export interface ConnectOptions extends ClientOptions {
  /** `http://host:port` or `https://host:port`; by default the page's own origin. */
  address?: string
  /** The server's token. */
  token?: string
}

/** A client of a server, to be closed. It connects with the first call. */
export function open(options: ConnectOptions = {}): Promise<Tailrace> {
  const address = options.address ?? globalThis.location.origin
  if (!/^https?:\/\/[^/]+/.test(address)) {
    return Promise.reject(invalid("address", address, "http://host:port or https://host:port"))
  }
  const token = options.token?.trim() ?? ""
  return Promise.resolve(new Tailrace(webChannel(address, token === "" ? undefined : token), options))
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
