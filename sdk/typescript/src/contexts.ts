import { constants } from "node:fs"
import { access, readdir, readFile, stat } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, isAbsolute, join } from "node:path"
import { invalid, TailraceError } from "./errors.js"
import { parseEndpoint } from "./endpoint.js"

const FILE_BYTES_MAX = 64 << 10
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/
const KEYS = ["address", "token-file"]

/** A server that was given a name by `tailrace context create`: docs/formats/contexts.md. */
export interface Context {
  readonly name: string
  readonly address: string
  /** Absolute path. */
  readonly tokenFile: string | undefined
}

/**
 * The context that `TAILRACE_CONTEXT` names, else the one that `tailrace context use` was told last; undefined if there is
 * none, or it is `default`. NOT_FOUND for a name that no context has, INVALID_ARGUMENT for a file that is not as expected.
 */
export async function contextInUse(environment: NodeJS.ProcessEnv): Promise<Context | undefined> {
  const chosen = environment["TAILRACE_CONTEXT"]?.trim() ?? ""
  const current = join(configurationDirectory(environment), "current-context")
  const name = chosen !== "" ? chosen : (((await isOwn(current)) ? await bounded(current) : undefined)?.trim() ?? "")
  return name === "" ? undefined : contextOf(environment, name)
}

/** The context of a name; undefined for `default`. Fails as {@link contextInUse}. */
export async function contextOf(environment: NodeJS.ProcessEnv, name: string): Promise<Context | undefined> {
  return name === "default" ? undefined : readContext(join(configurationDirectory(environment), "contexts"), name)
}

function configurationDirectory(environment: NodeJS.ProcessEnv): string {
  const configured = environment["XDG_CONFIG_HOME"] ?? ""
  // By the XDG Base Directory Specification a path that is not absolute does not count.
  return join(isAbsolute(configured) ? configured : join(homedir(), ".config"), "tailrace")
}

async function readContext(directory: string, name: string): Promise<Context> {
  if (!NAME.test(name)) throw invalid("context", name, "1 to 128 of [a-zA-Z0-9_.-], the first a letter or digit")
  const file = join(directory, name)
  const text = await bounded(file)
  if (text === undefined) {
    const names = (await readdir(directory).catch(() => [])).filter(each => NAME.test(each)).sort()
    const expected = `one of ${names.join(", ")}, which 'tailrace context create' makes`
    throw new TailraceError("NOT_FOUND", `context: ${JSON.stringify(name)} (expected: ${expected})`)
  }
  const values = new Map<string, string>()
  for (const [index, line] of text.split("\n").map(each => each.trim()).entries()) {
    if (line === "" || line.startsWith("#")) continue
    const [key = "", ...rest] = line.split("=")
    if (rest.length === 0 || !KEYS.includes(key.trim()) || values.has(key.trim())) {
      // What stands there is not shown: it may be a token.
      throw unexpected(file, `line ${index + 1} (expected: address=… and token-file=…, once each)`)
    }
    values.set(key.trim(), rest.join("=").trim())
  }
  const address = values.get("address") ?? ""
  const tokenFile = values.get("token-file") ?? ""
  if (address === "") throw unexpected(file, "no address (expected: address=…)")
  parseEndpoint(address)
  if (tokenFile !== "" && !isAbsolute(tokenFile)) {
    // Nor here.
    throw unexpected(file, "token-file= with what is no absolute path")
  }
  return { name, address, tokenFile: tokenFile === "" ? undefined : tokenFile }
}

/** In the Java client's words. */
function unexpected(file: string, what: string): TailraceError {
  return new TailraceError("INVALID_ARGUMENT", `context file: ${file}: ${what}`)
}

/** The token that a context's file has now. INVALID_ARGUMENT if others than its owner can read the file, or nobody. */
export async function tokenOf(context: Context): Promise<string | undefined> {
  const file = context.tokenFile
  if (file === undefined) return undefined
  const text = await bounded(file)
  if (text === undefined) throw invalid("token file", file, "a file")
  // As ssh has it for keys: what others can read is no secret.
  const mode = (await stat(file)).mode & 0o777
  if ((mode & 0o077) !== 0) throw invalid(`token file: ${file}: mode`, `0${mode.toString(8)}`, "0600, with chmod 600")
  if (text.trim() === "") throw invalid("token file", file, "a token in it")
  return text.trim()
}

/** Whether the directory of a file is this user's to look into: a home directory may be another's, or none. */
async function isOwn(file: string): Promise<boolean> {
  return access(dirname(file), constants.R_OK | constants.X_OK).then(
    () => true,
    () => false
  )
}

/** What is in a file; undefined if there is none. INVALID_ARGUMENT if it is too long or cannot be read. */
async function bounded(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file)
    if (size > FILE_BYTES_MAX) throw invalid(`size of ${file}`, size, `at most ${FILE_BYTES_MAX} bytes`)
    return await readFile(file, "utf8")
  } catch (error) {
    if (error instanceof TailraceError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === "ENOENT") return undefined
    throw new TailraceError("INVALID_ARGUMENT", `${file} cannot be read: ${message}`, error)
  }
}
