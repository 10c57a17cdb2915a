import { constants } from "node:fs"
import { chmod, lchown, link, lstat, mkdir, open, rm, symlink, utimes } from "node:fs/promises"
import { join } from "node:path"
import { TailraceError } from "./errors.js"
import type { TarEntry, TarReader } from "./tar.js"

/** A directory's mode and time are set last: what comes into it needs the one and changes the other. */
interface Later {
  readonly path: string
  readonly entry: TarEntry
}

/**
 * Unpacks the tar of a path of a container into a directory of this machine. Nothing is written outside of it, whatever
 * names and links the archive has: no link of the archive, nor one that was there, is followed.
 *
 * @param root what the path is called in the archive
 * @param name what it is to be called here; empty: only what is in it comes
 */
export async function unpack(
  archive: TarReader,
  root: string,
  directory: string,
  name: string,
  keepsOwner: boolean,
): Promise<void> {
  const later: Later[] = []
  const placed = (entryName: string) => place(entryName, root, name)
  for (let entry = await archive.next(); entry !== undefined; entry = await archive.next()) {
    const parts = placed(entry.name)
    if (parts.length === 0) continue
    const path = await under(directory, parts)
    if (entry.type === "directory") {
      if ((await kindOf(path)) !== "directory") await mkdir(path)
      later.push({ path, entry })
      continue
    }
    await makeRoom(path)
    if (entry.type === "file") await writeFile(path, archive)
    else if (entry.type === "link") await symlink(entry.linkTarget, path)
    else if (entry.type === "hardlink") await link(await under(directory, placed(entry.linkTarget)), path)
    else throw new TailraceError("UNSUPPORTED", `${entry.name}: a device or a named pipe (expected: files, directories, links)`)
    if (entry.type !== "hardlink") await describe(path, entry, keepsOwner)
  }
  for (const { path, entry } of later.reverse()) await describe(path, entry, keepsOwner)
}

/** The parts of where an entry goes. */
function place(entryName: string, root: string, name: string): string[] {
  const parts = entryName.split("/").filter(part => part !== "" && part !== ".")
  const isRooted = root !== "/" && root !== "." && root !== ""
  if (parts.includes("..") || (isRooted && parts[0] !== root)) {
    throw new TailraceError("CORRUPT", `archive entry: ${entryName} (expected: ${root} or below it)`)
  }
  const below = isRooted ? parts.slice(1) : parts
  return name === "" ? below : [name, ...below]
}

/** The path of something whose parents are directories themselves, not links to some. */
async function under(directory: string, parts: readonly string[]): Promise<string> {
  let path = directory
  for (const part of parts.slice(0, -1)) {
    path = join(path, part)
    const kind = await kindOf(path)
    if (kind === undefined) await mkdir(path)
    else if (kind !== "directory") {
      throw new TailraceError("FAILED_PRECONDITION", `${path}: a ${kind} (expected: a directory, for what comes below it)`)
    }
  }
  return join(path, parts[parts.length - 1] as string)
}

async function kindOf(path: string): Promise<"directory" | "file" | "link" | undefined> {
  try {
    const status = await lstat(path)
    return status.isDirectory() ? "directory" : status.isSymbolicLink() ? "link" : "file"
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    return undefined
  }
}

/** What is there gives way, unless it is a directory. */
async function makeRoom(path: string): Promise<void> {
  const kind = await kindOf(path)
  if (kind === "directory") {
    throw new TailraceError("FAILED_PRECONDITION", `${path}: a directory (expected: none, where a file is to be)`)
  }
  if (kind !== undefined) await rm(path)
}

async function writeFile(path: string, archive: TarReader): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const handle = await open(path, flags, 0o600)
  try {
    for await (const part of archive.body()) await handle.writeFile(part)
  } finally {
    await handle.close()
  }
}

async function describe(path: string, entry: TarEntry, keepsOwner: boolean): Promise<void> {
  if (keepsOwner) await lchown(path, entry.uid, entry.gid)
  if (entry.type === "link") return
  await chmod(path, entry.mode & (keepsOwner ? 0o7777 : 0o1777))
  const modified = new Date(entry.modifiedSeconds * 1000) // a number before 1970 would be taken for now
  await utimes(path, modified, modified)
}
