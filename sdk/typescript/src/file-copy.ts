// Where a copy goes, and under which name: the rules of `docker cp`.
import { lstat, realpath, stat } from "node:fs/promises"
import { basename, dirname, resolve } from "node:path"
import { invalid, TailraceError, type ErrorCode } from "./errors.js"
import { split, type CopyOptions, type Files, type LocalFiles, type PathStatus } from "./files.js"
import { archiveOf } from "./local-archive.js"
import { unpack } from "./local-unpacking.js"
import { TarReader } from "./tar.js"

const LINKS_MAX = 40

/** `name`: what the source's root is called in the directory; empty: only what is in it is copied. */
interface Place {
  readonly directory: string
  readonly name: string
}

/** Copies to and from the files of the machine that this process runs on. */
export const localFiles: LocalFiles = {
  copyTo: (files, source, target, options) => typed(copyTo(files, source, target, options)),
  copyFrom: (files, source, target, options) => typed(copyFrom(files, source, target, options)),
}

async function copyTo(files: Files, source: string, target: string, options: CopyOptions): Promise<void> {
  const root = options.followsLink === true ? await realpath(source) : source
  const isDirectory = (await lstat(root)).isDirectory()
  const { directory, name } = await placeInContainer(files, source, isDirectory, target, options)
  const archive = { [Symbol.asyncIterator]: () => archiveOf(root, name, options.keepsOwner === true) }
  await files.writeArchive(directory, archive, options)
}

async function copyFrom(files: Files, source: string, target: string, options: CopyOptions): Promise<void> {
  const path = options.followsLink === true ? await followed(files, source, options) : source
  const status = await files.stat(path, options)
  const place = await placeHere(source, status, target)
  const archive = files.readArchive(path, options)
  try {
    await unpack(new TarReader(archive), status.name, place.directory, place.name, options.keepsOwner === true)
  } finally {
    await archive.return()
  }
}

const CODES: Partial<Record<string, ErrorCode>> = {
  ENOENT: "NOT_FOUND",
  EACCES: "PERMISSION_DENIED",
  EPERM: "PERMISSION_DENIED",
  EROFS: "PERMISSION_DENIED",
  EEXIST: "FAILED_PRECONDITION",
  EISDIR: "FAILED_PRECONDITION",
  ENOTDIR: "FAILED_PRECONDITION",
  ENOSPC: "RESOURCE_EXHAUSTED",
  EDQUOT: "RESOURCE_EXHAUSTED",
  EMFILE: "RESOURCE_EXHAUSTED",
}

/** Failures of this machine's files as this client's: what Node says of them is the message, and the cause. */
async function typed(copy: Promise<void>): Promise<void> {
  try {
    await copy
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error
    const { code = "" } = error as NodeJS.ErrnoException
    throw new TailraceError(CODES[code] ?? "INTERNAL", error.message, error)
  }
}

async function placeInContainer(
  files: Files,
  source: string,
  isDirectory: boolean,
  target: string,
  options: CopyOptions,
): Promise<Place> {
  let end = target
  let there = await files.find(end, options)
  for (let links = 0; there?.type === "link"; links++) {
    if (links === LINKS_MAX) throw invalid("target", target, "links that lead somewhere")
    end = led(end, there.linkTarget)
    there = await files.find(end, options)
  }
  if (there?.type === "directory") {
    return { directory: end, name: isDirectory && isContents(source) ? "" : basename(resolve(source)) }
  }
  if (there !== undefined && isDirectory) throw invalid("target", target, "a directory, as what is copied")
  if (!isDirectory && end.endsWith("/")) throw invalid("target", target, "a directory that exists")
  return split(stripped(end))
}

async function placeHere(source: string, status: PathStatus, target: string): Promise<Place> {
  const isDirectory = status.type === "directory"
  const there = await orNothing(stat(target))
  if (there?.isDirectory() === true) {
    const own = status.name === "/" || status.name === "." ? basename(stripped(source).replace(/\/\.$/, "")) : status.name
    return { directory: target, name: isDirectory && isContents(source) ? "" : own }
  }
  if (isDirectory && there !== undefined) throw invalid("target", target, "a directory, as what is copied")
  const path = resolve(target)
  if ((await stat(dirname(path))).isDirectory()) return { directory: dirname(path), name: basename(path) }
  throw invalid("target", target, "one whose parent is a directory")
}

async function followed(files: Files, source: string, options: CopyOptions): Promise<string> {
  let end = source
  for (let links = 0; links < LINKS_MAX; links++) {
    const status = await files.stat(end, options)
    if (status.type !== "link") return end
    end = led(end, status.linkTarget)
  }
  throw invalid("source", source, "links that lead somewhere")
}

async function orNothing<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    return undefined
  }
}

function led(link: string, target: string): string {
  return target.startsWith("/") ? target : `${stripped(link).replace(/[^/]*$/, "")}${target}`
}

function stripped(path: string): string {
  return path.replace(/(?<=.)\/+$/, "")
}

function isContents(path: string): boolean {
  return path === "." || path.endsWith("/.")
}
