// Terminals: script(1) makes one for a program, and is typed into.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { bounded, client, failure, script, until } from "./support.js"

const program = fileURLToPath(new URL("terminal-program.js", import.meta.url))

test("a shell in the program's own terminal, and one in a container", bounded, async () => {
  const line = `stty rows 33 cols 99; exec '${process.execPath}' '${program}'`
  const terminal = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"])
  let screen = ""
  terminal.stdout.on("data", (text: Buffer) => (screen += text.toString()))
  const ended = new Promise<number | null>(resolve => terminal.on("close", resolve))
  const shows = async (pattern: RegExp) => {
    await until(`${pattern} on the screen`, () => pattern.test(screen)).catch((error: unknown) => {
      assert.fail(`${String(error)}, which shows ${JSON.stringify(screen)}`)
    })
  }
  try {
    await shows(/[#$] /)
    terminal.stdin.write("cat /left; stty size; tty; exit 7\n")
    await shows(/lazy ended with 7, raw: false/)
    // Node's raw mode leaves the local terminal its own carriage returns.
    assert.match(screen, /left\r+\n33 99\r+\n\/dev\/(pts\/\d+|console)\r+\n/)
    await shows(/exec\r+\n$/)
    terminal.stdin.write("typed\n")
    assert.equal(await ended, 0, screen)
    assert.match(screen, /got typed\r+\nexec ended with 9, raw: false\r+\n$/)
  } finally {
    terminal.kill()
  }
})

test("without a terminal there is nothing to run in", bounded, async () => {
  const tailrace = await client()
  try {
    // The tests' own stdin is none.
    const error = await failure("FAILED_PRECONDITION", script(tailrace, "true").terminal())
    assert.match(error.message, /no terminal/)
  } finally {
    await tailrace.close()
  }
})
