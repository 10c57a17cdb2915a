// What goes wrong, and by which name it is told: against a real server, and against one that says what no server should.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { MessageInitShape } from "@bufbuild/protobuf"
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect"
import { CommandFailedError, TailraceError, type Tailrace } from "@tailrace/sdk"
import { Containers } from "#gen/tailrace/v1/containers_pb.js"
import { Images } from "#gen/tailrace/v1/images_pb.js"
import { Timelines, type FollowResponseSchema } from "#gen/tailrace/v1/timelines_pb.js"
import { scripted } from "./scripted-server.js"
import { all, bounded, client, failure, image, script, token, until } from "./support.js"

let tailrace: Tailrace

before(async () => {
  tailrace = await client()
}, bounded)

after(async () => {
  await tailrace.close()
}, bounded)

test("a server that is not there is UNAVAILABLE, by name and by gRPC's number", bounded, async () => {
  const nowhere = await client({ address: "http://127.0.0.1:1" })
  const error = await failure("UNAVAILABLE", nowhere.container().from(image).withExec(["true"]).stdout())
  assert.equal(error.codeNumber, 14)
  assert.match(error.message, /127\.0\.0\.1:1/)
  await nowhere.close()
})

test("a time that is up is DEADLINE_EXCEEDED, and the container goes on", bounded, async () => {
  const container = script(tailrace, "echo begun; exec sleep 600")
  const logs = container.streamLogs()
  await logs.next()
  await failure("DEADLINE_EXCEEDED", container.sync({ timeoutMillis: 100 }))
  await failure("DEADLINE_EXCEEDED", container.exitCode({ signal: AbortSignal.timeout(100) }))
  await failure("DEADLINE_EXCEEDED", all(container.streamLogs({ timeoutMillis: 100 })))
  assert.equal((await container.status()).status, "running")
  await container.signal("KILL")
  assert.deepEqual(await all(logs), [{ exitCode: 137 }])
})

test("an aborted wait is CANCELLED, also one that has not begun", bounded, async () => {
  const container = script(tailrace, "echo begun; exec sleep 600")
  const aborting = new AbortController()
  const logs = container.streamLogs({ signal: aborting.signal })
  await logs.next()
  const waits = [all(logs), container.sync({ signal: aborting.signal }), container.exitCode({ signal: aborting.signal })]
  const failures = waits.map(wait => failure("CANCELLED", wait))
  aborting.abort()
  await Promise.all(failures)
  await failure("CANCELLED", container.status({ signal: aborting.signal }))
  await container.signal("KILL")
  await failure("COMMAND_FAILED", container.sync())
})

test("a failure waits for who awaits it late, and does not end the program meanwhile", bounded, async () => {
  const unhandled: unknown[] = []
  const listener = (error: unknown) => unhandled.push(error)
  process.on("unhandledRejection", listener)
  const other = await client()
  try {
    const container = script(tailrace, "exec sleep 600")
    const early = container.signal("TERM")
    const closed = script(other, "exec sleep 600").sync()
    const running = container.sync()
    await container.id()
    await container.signal("TERM")
    await until("the container to have ended", async () => (await container.status()).status === "exited")
    const late = container.signal("TERM")
    await other.close()
    // Node looks for rejections that nobody handles when it has nothing else to do.
    await new Promise(resolve => setImmediate(resolve))
    await failure("FAILED_PRECONDITION", early)
    await failure("COMMAND_FAILED", running)
    await assert.rejects(late, TailraceError)
    await assert.rejects(closed, TailraceError)
    assert.deepEqual(unhandled, [])
  } finally {
    process.off("unhandledRejection", listener)
    await other.close()
  }
})

test("what was never begun cannot be paused, resumed or signalled", bounded, async () => {
  const container = script(tailrace, "true")
  await failure("FAILED_PRECONDITION", container.pause())
  await failure("FAILED_PRECONDITION", container.resume())
  await failure("FAILED_PRECONDITION", container.signal("TERM"))
  await failure("FAILED_PRECONDITION", container.stdin())
})

test("a value that cannot be is refused by its name", bounded, async () => {
  const base = tailrace.container()
  assert.throws(() => base.from(""), { code: "INVALID_ARGUMENT" })
  assert.throws(() => base.withExec([]), { code: "INVALID_ARGUMENT" })
  await failure("INVALID_ARGUMENT", base.withExec(["true"]).sync())
  const limited = base.from(image).withExec(["true"]).withLimits({ memory: "much" })
  await assert.rejects(async () => limited.sync(), /memory: "much"/)
  await assert.rejects(client({ address: "ftp://nowhere" }), { code: "INVALID_ARGUMENT" })
  const container = await tailrace.containers.create({ image })
  assert.throws(() => container.follow({ last: 1, fromNow: true }), { code: "INVALID_ARGUMENT" })
  await container.remove()
})

test("an image that no registry has is not run", bounded, async () => {
  const container = tailrace.container().from("127.0.0.1:1/nosuch:1").withExec(["true"])
  await assert.rejects(container.sync(), (error: { code: string }) => ["UNAVAILABLE", "NOT_FOUND"].includes(error.code))
})

test("an image that another client fetches after it was found missing is not missing, nor fetched again", bounded, async () => {
  const answers = ["image: app:1 (expected: one that is present)", "network: scripted (expected: one that exists)"]
  let pulls = 0
  const routes = (router: ConnectRouter) => {
    router.service(Containers, {
      create: () => {
        throw new ConnectError(answers.shift() ?? "asked once more", Code.NotFound)
      },
    })
    router.service(Images, {
      get: () => ({ id: "sha256:1" }),
      // eslint-disable-next-line require-yield, @typescript-eslint/require-await
      pull: async function* () {
        pulls++
        throw new ConnectError("no registry", Code.Unavailable)
      },
    })
  }
  await scripted(routes, async tailrace => {
    // Of what was not found the second time nothing can be fetched.
    const error = await failure("NOT_FOUND", tailrace.container().from("app:1").withExec(["true"]).sync())
    assert.match(error.message, /^network: scripted/)
  })
  assert.equal(pulls, 0)
})

test("a wrong token is UNAUTHENTICATED", bounded, async () => {
  if (token === undefined) return
  const stranger = await client({ token: "wrong" })
  await failure("UNAUTHENTICATED", stranger.info())
  await failure("UNAUTHENTICATED", script(stranger, "true").stdout())
  await stranger.close()
})

test("an error has the last of the output", bounded, async () => {
  const error = await failure("COMMAND_FAILED", script(tailrace, "seq 1 100000; echo why >&2; exit 2").sync())
  assert.ok(error instanceof CommandFailedError)
  assert.equal(error.stdout.length, 65_536)
  assert.ok(error.stdout.endsWith("\n99999\n100000\n"))
  assert.equal(error.stderr, "why\n")
})

test("what still runs is ended with its client", bounded, async () => {
  const other = await client()
  const id = await script(other, "exec sleep 600").id()
  await other.close()
  await until("the container to be gone", async () => {
    const running = await tailrace.containers.list()
    return running.every(container => container.id !== id)
  })
})

type Message = MessageInitShape<typeof FollowResponseSchema>

function output(sequence: number, offset: number, text: string): Message {
  const value = { stream: 1, offset: BigInt(offset), data: new TextEncoder().encode(text) }
  const content = { case: "output" as const, value }
  return { event: { case: "record", value: { sequence: BigInt(sequence), cursor: `c${sequence}`, content } } }
}

function exit(sequence: number, length: number, crc32: number): Message {
  const value = { reason: 1, exitCode: 0, stdoutLength: BigInt(length), stdoutCrc32: crc32 }
  const content = { case: "exit" as const, value }
  return { event: { case: "record", value: { sequence: BigInt(sequence), cursor: `c${sequence}`, content } } }
}

/** Of "hello". */
const CRC32 = 0x3610a686

/** What follows a server that answers with these messages, call by call. */
function followed(calls: Message[][]): Promise<string> {
  let call = 0
  return scripted(
    router => {
      router.service(Containers, { get: () => ({ id: "scripted" }) })
      router.service(Timelines, {
        async *follow() {
          await Promise.resolve()
          yield* calls[Math.min(call++, calls.length - 1)] ?? []
        },
      })
    },
    async tailrace => {
      const container = await tailrace.containers.get("scripted")
      let text = ""
      for await (const record of container.follow({ reconnectTimeoutMillis: 300 })) {
        if (record.kind === "output") text += record.data.toString()
      }
      return text
    },
  )
}

test("a stream without its exit is INCOMPLETE, however well it ends", bounded, async () => {
  await failure("INCOMPLETE", followed([[output(1, 0, "hello")], []]))
})

test("a stream that goes on elsewhere is whole, and what comes twice is told once", bounded, async () => {
  assert.equal(await followed([[output(1, 0, "he")], [output(1, 0, "he"), output(2, 2, "llo"), exit(3, 5, CRC32)]]), "hello")
})

test("bytes that are missing or not those that were recorded are CORRUPT", bounded, async () => {
  await failure("CORRUPT", followed([[output(1, 0, "hello"), exit(2, 5, CRC32 + 1)]]))
  await failure("CORRUPT", followed([[output(1, 0, "hello"), exit(2, 6, CRC32)]]))
  await failure("CORRUPT", followed([[output(1, 0, "he"), output(2, 3, "lo"), exit(3, 5, CRC32)]]))
  await failure("CORRUPT", followed([[output(1, 0, "he"), output(3, 2, "llo"), exit(4, 5, CRC32)]]))
})

test("a question is asked again a few times when the connection is lost under it; an order is not", bounded, async () => {
  let breaks = 0
  let calls = 0
  const breaking = ({ container }: { container: string }) => {
    calls++
    if (breaks-- > 0) throw new ConnectError("broken", Code.Unavailable)
    return { id: container }
  }
  const routes = (router: ConnectRouter) => {
    router.service(Containers, { get: breaking, pause: breaking })
  }
  await scripted(routes, async tailrace => {
    breaks = 3
    const container = await tailrace.containers.get("scripted")
    assert.equal(calls, 4)
    breaks = Infinity
    calls = 0
    await failure("UNAVAILABLE", container.inspect())
    assert.equal(calls, 6)
    calls = 0
    await failure("UNAVAILABLE", container.pause())
    assert.equal(calls, 1)
    await failure("DEADLINE_EXCEEDED", container.inspect({ signal: AbortSignal.timeout(1) }))
  })
})

test("a call that the server has not begun with, and says so, is made again, whatever it is", bounded, async () => {
  let refusals = 0
  let calls = 0
  const routes = (router: ConnectRouter) => {
    const kill = ({ container }: { container: string }) => {
      calls++
      return { id: container }
    }
    router.service(Containers, { get: ({ container }) => ({ id: container }), kill })
  }
  const work = async (tailrace: Tailrace) => {
    const container = await tailrace.containers.get("scripted")
    refusals = 2
    await container.kill("TERM")
    assert.equal(calls, 1)
    refusals = Infinity
    await failure("UNAVAILABLE", container.kill("TERM"))
    assert.equal(calls, 1)
  }
  await scripted(routes, work, () => refusals-- > 0)
})

test("an import that is refused once is sent whole or not at all", bounded, async () => {
  const parts = ["one ", "two ", "three"].map(part => Buffer.from(part))
  const received: string[] = []
  const routes = (router: ConnectRouter) => {
    router.service(Images, {
      async *import(requests) {
        let text = ""
        for await (const { message } of requests) {
          if (message.case === "data") text += Buffer.from(message.value).toString()
        }
        received.push(text)
        yield { images: [{ id: "sha256:0" }] }
      },
    })
  }
  async function* once() {
    for (const part of parts) {
      await new Promise(resolve => setImmediate(resolve))
      yield part
    }
  }
  let refusals = 1
  const work = async (tailrace: Tailrace) => {
    await tailrace.images.importArchive(Buffer.concat(parts))
    assert.deepEqual(received.splice(0), ["one two three"])
    refusals = 1
    const outcome = await tailrace.images.importArchive(once()).then(() => "sent", (error: unknown) => error)
    if (outcome === "sent") assert.deepEqual(received, ["one two three"])
    else {
      await failure("UNAVAILABLE", Promise.reject(outcome as Error))
      assert.deepEqual(received, [])
    }
  }
  await scripted(routes, work, () => refusals-- > 0)
})
