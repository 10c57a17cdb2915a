import type { Interceptor } from "@connectrpc/connect"
import { createGrpcWebTransport } from "@connectrpc/connect-web"
import type { Channel } from "./connection.js"

/** gRPC-Web by `fetch`: answers are streamed, requests are not. */
export function webChannel(baseUrl: string, token: string | undefined): Channel {
  const interceptor: Interceptor = next => request => {
    if (token !== undefined) request.header.set("authorization", `Bearer ${token}`)
    return next(request)
  }
  return {
    address: baseUrl,
    transport: createGrpcWebTransport({ baseUrl, interceptors: [interceptor] }),
    isDuplex: false,
    close: () => undefined,
  }
}
