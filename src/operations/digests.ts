// The operation `digests`: lists the digests in a snapshot's manifest, for tools such as sha256sum. It
// takes no lock and writes nothing.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {isNativeError, nativeErrorText} from '../native/failure.js'
import type {FileDigest, NativeStore} from '../native/native.js'
import {withLease} from '../store/lease.js'
import type {Zone} from '../retention/retention.js'
import {currentHost} from '../store/host.js'
import {resolve, type Selected} from '../store/selectors.js'
import {openStore, readInventory} from '../store/store.js'

const digestsPage = 4000
const slash = 0x2f

interface DigestsOptions {
  readonly storeDir: string
  /** As in selectors.ts: a snapshot, optionally followed by a path; null: the latest. */
  readonly snapshot: string | null
  readonly now: Date
  readonly zone: Zone
  /** Receives the list page by page; false ends it. */
  readonly onPage: (page: readonly FileDigest[]) => Promise<boolean>
}

export interface DigestsResult {
  readonly snapshot: string
  /** The listed path and everything below it; null: the whole snapshot. */
  readonly path: string | null
  /** The number of regular files, and how many of them have no digest. */
  readonly files: number
  readonly without: number
  readonly exit: number
}

function choose(store: NativeStore, {snapshot, now, zone}: DigestsOptions): Selected {
  const {snapshots} = readInventory(store, now)
  return resolve(snapshot, {snapshots, host: currentHost(null), now, zone, filters: {}})
}

function openList(store: NativeStore, name: string): (limit: number) => FileDigest[] {
  const list = store.digests(name)
  if (typeof list !== 'string') return list
  throw new CuraError('failed', `the manifest of ${name} cannot be used: ${printable(list)}`)
}

/** Whether a file is `top` itself or lies below it. */
function isBelow({path}: FileDigest, top: Buffer): boolean {
  const isStart = path.subarray(0, top.length).equals(top)
  return isStart && (path.length === top.length || path[top.length] === slash)
}

async function listAll(
  next: (limit: number) => FileDigest[],
  path: string | null,
  onPage: DigestsOptions['onPage'],
): Promise<Pick<DigestsResult, 'files' | 'without'>> {
  const top = path === null ? null : Buffer.from(path)
  const total = {files: 0, without: 0}
  for (;;) {
    const all = next(digestsPage)
    if (all.length === 0) return total
    const page = top === null ? all : all.filter((file) => isBelow(file, top))
    total.files += page.length
    total.without += page.filter(({sha256}) => sha256 === null).length
    if (page.length > 0 && !(await onPage(page))) return total
  }
}

/** Throws a CuraError that carries the exit code. */
export async function digests(options: DigestsOptions): Promise<DigestsResult> {
  const store = openStore(options.storeDir)
  try {
    const {path, ...selected} = choose(store, options)
    const snapshot = selected.snapshot.name
    const {files, without} = await withLease(store, snapshot, () =>
      listAll(openList(store, snapshot), path, options.onPage),
    )
    if (path !== null && files === 0) {
      throw new CuraError('notFound', `there is no file ${printable(path)} in ${snapshot}`)
    }
    return {
      snapshot,
      path,
      files,
      without,
      exit: exitCode({incomplete: without > 0}),
    }
  } catch (error) {
    if (!isNativeError(error)) throw error
    const message = `the digests cannot be read: ${nativeErrorText(error)}`
    throw new CuraError('failed', message, {cause: error})
  } finally {
    store.close()
  }
}
