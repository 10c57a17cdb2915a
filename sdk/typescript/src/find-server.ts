import { existsSync } from "node:fs"
import { contextInUse, contextOf, tokenOf } from "./contexts.js"
import { defaultSocket, loopback, ofSocket, parseEndpoint, probe, type Endpoint } from "./endpoint.js"

/** A server that is meant or was found, and what it is to be told. */
export interface FoundServer {
  readonly endpoint: Endpoint
  readonly token: string | undefined
}

/** Where there is none: each place, and why not there. */
export interface NoServer {
  readonly tried: readonly string[]
}

/**
 * The server that is meant when nobody says its address: that of the context that is named here, else of `TAILRACE_HOST` or
 * of the context in use, which are taken at their word; else, and with the context `default`, the local unix socket or
 * `http://127.0.0.1:8080`, if a server answers there.
 */
export async function findServer(
  environment: NodeJS.ProcessEnv,
  contextName: string | undefined,
  ownToken: string | undefined,
): Promise<FoundServer | NoServer> {
  const token = ownToken ?? variable(environment, "TAILRACE_TOKEN")
  const host = contextName === undefined ? variable(environment, "TAILRACE_HOST") : undefined
  if (host !== undefined) return { endpoint: parseEndpoint(host), token }
  const context = contextName === undefined ? await contextInUse(environment) : await contextOf(environment, contextName)
  if (context !== undefined) {
    // Its own token goes to no other server, and no other goes to its server.
    return { endpoint: parseEndpoint(context.address), token: ownToken ?? (await tokenOf(context)) ?? token }
  }
  const tried = contextName === undefined ? ["TAILRACE_HOST: not set", "context: none in use"] : [`context: ${contextName}`]
  const socket = defaultSocket(environment)
  for (const endpoint of [ofSocket(socket), loopback]) {
    const problem = endpoint.socket !== undefined && !existsSync(socket) ? "no such file" : await probe(endpoint)
    if (problem === undefined) return { endpoint, token }
    tried.push(`${endpoint.address}: ${problem}`)
  }
  return { tried }
}

/** A variable's value; undefined if there is nothing in it. */
export function variable(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name]?.trim() ?? ""
  return value === "" ? undefined : value
}
