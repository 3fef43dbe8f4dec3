// The operation `digests`: what a snapshot's manifest says of its files, for a tool that checks
// them. It takes no lock and writes nothing.
import {CuraError} from '../base/errors.js'
import {printable} from '../base/escape.js'
import {exitCode} from '../base/exit-code.js'
import {isNativeError, nativeErrorText} from '../native/failure.js'
import type {FileDigest, NativeStore} from '../native/native.js'
import {withLease} from '../store/lease.js'
import {newestFinished, openStore, readInventory} from '../store/store.js'

const digestsPage = 4000

interface DigestsOptions {
  readonly storeDir: string
  /** Null: the newest finished one. */
  readonly snapshot: string | null
  readonly now: Date
  /** Takes the list page by page; false ends it. */
  readonly onPage: (page: readonly FileDigest[]) => Promise<boolean>
}

export interface DigestsResult {
  readonly snapshot: string
  /** Regular files, of which so many are without a digest. */
  readonly files: number
  readonly without: number
  readonly exit: number
}

function chooseSnapshot(store: NativeStore, {storeDir, snapshot, now}: DigestsOptions): string {
  const {snapshots} = readInventory(store, now)
  const dir = printable(storeDir)
  if (snapshot === null) {
    const newest = newestFinished(snapshots)
    if (newest !== null) return newest.name
    throw new CuraError('usage', `there is no finished snapshot in ${dir}: make one with backup`)
  }
  if (snapshots.some(({name}) => name === snapshot)) return snapshot
  throw new CuraError(
    'usage',
    `there is no snapshot "${printable(snapshot)}" in ${dir}: status shows what there is`,
  )
}

function openList(store: NativeStore, name: string): (limit: number) => FileDigest[] {
  const list = store.digests(name)
  if (typeof list !== 'string') return list
  throw new CuraError('failed', `the manifest of ${name} cannot be used: ${printable(list)}`)
}

async function listAll(
  next: (limit: number) => FileDigest[],
  onPage: DigestsOptions['onPage'],
): Promise<Pick<DigestsResult, 'files' | 'without'>> {
  const total = {files: 0, without: 0}
  for (;;) {
    const page = next(digestsPage)
    total.files += page.length
    total.without += page.filter(({sha256}) => sha256 === null).length
    if (page.length === 0 || !(await onPage(page))) return total
  }
}

/** Throws a CuraError whose code says what the process ends with. */
export async function digests(options: DigestsOptions): Promise<DigestsResult> {
  const store = openStore(options.storeDir)
  try {
    const snapshot = chooseSnapshot(store, options)
    const {files, without} = await withLease(store, snapshot, () =>
      listAll(openList(store, snapshot), options.onPage),
    )
    return {
      snapshot,
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
