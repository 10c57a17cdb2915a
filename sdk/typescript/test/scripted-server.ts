// A server that says what a test wants it to.
import { constants, createServer, type Http2Server } from "node:http2"
import type { AddressInfo } from "node:net"
import type { ConnectRouter } from "@connectrpc/connect"
import { connectNodeAdapter } from "@connectrpc/connect-node"
import type { Tailrace } from "@tailrace/sdk"
import { client } from "./support.js"

/**
 * Hands a client of such a server to a function, and ends both when that is done.
 *
 * @param refused is asked before each call whether it is refused
 */
export async function scripted<T>(
  routes: (router: ConnectRouter) => void,
  work: (tailrace: Tailrace) => Promise<T>,
  refused: () => boolean = () => false,
): Promise<T> {
  const answer = connectNodeAdapter({ routes })
  const server: Http2Server = createServer((request, response) => {
    if (refused()) request.stream.close(constants.NGHTTP2_REFUSED_STREAM)
    else answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve))
  const tailrace = await client({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  try {
    return await work(tailrace)
  } finally {
    await tailrace.close()
    server.close()
  }
}
