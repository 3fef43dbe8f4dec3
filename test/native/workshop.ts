// The workplace of one test: a store, a directory to back up, and a clock that advances by itself.
import {spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {backup, type BackupOptions} from '../../src/operations/backup.js'
import type {BackupResult} from '../../src/operations/backup-result.js'
import {backupOptions} from '../support/backup-options.js'
import {temporaryDirectory} from '../support/temporary.js'
import {inventory, python as interpreter, type Item} from './inventory.js'
import {storedIn} from '../support/stored.js'

export const isRoot = process.getuid?.() === 0

/** A step of cleanup before the test's directory is removed. The last one added runs first. */
type Undo = () => void

export interface Workshop {
  /** A path in the test's own directory. */
  readonly path: (...names: string[]) => string
  readonly store: (...names: string[]) => string
  readonly docs: (...names: string[]) => string
  /** Backs up `docs` unless told otherwise. Each run is a minute after the previous one. */
  readonly backUp: (options?: Partial<BackupOptions>) => Promise<BackupResult>
  /** Like backUp, but expects a new snapshot, and returns its name. */
  readonly snapshot: (options?: Partial<BackupOptions>) => Promise<string>
  /** The name of the newest snapshot. */
  readonly newest: () => string
  /** Everything in the store except the lock. */
  readonly storeInventory: () => Item[]
  readonly later: (undo: Undo) => void
}

/** Runs a command that must succeed, and returns its output. */
export function sh(command: string, ...args: string[]): string {
  const {status, stdout, stderr} = spawnSync(command, args, {encoding: 'utf8'})
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

/**
 * Waits until the last write is clearly older than the next scan. Otherwise that scan cannot prove
 * that the file was not written again, and the next run reads it again.
 */
export const settle = (): Promise<void> => sleep(30)

/**
 * Runs Python lines in `directory`, for operations that Node lacks: byte names, relative steps,
 * distant times.
 */
export function python(directory: string, code: string): void {
  const {status, stderr} = spawnSync(
    interpreter,
    ['-I', '-S', '-c', `import os, socket, stat\n${code}`],
    {
      cwd: directory,
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(`python3 ended with ${status}: ${stderr}`)
}

/** Call it in a describe block. */
export function workshop(): Workshop {
  let directory: () => string = () => ''
  let runs = 0
  const undos: Undo[] = []
  // Runs before the directory is removed, because Node cannot remove byte names or very deep trees.
  afterEach(() => {
    for (const undo of undos.splice(0).reverse()) undo()
    if (!isRoot) sh('chmod', '-R', 'u+rwX', directory())
    sh('rm', '-rf', directory())
  })
  directory = temporaryDirectory()
  const path = (...names: string[]): string => join(directory(), ...names)
  const store = (...names: string[]): string => path('store', ...names)
  const docs = (...names: string[]): string => path('docs', ...names)
  beforeEach(() => {
    runs = 0
    mkdirSync(store(), {mode: 0o700})
    mkdirSync(docs())
  })

  function backUp(options: Partial<BackupOptions> = {}): Promise<BackupResult> {
    const now = new Date(2025, 0, 15, 10, runs++, 0)
    return backup(
      backupOptions({storeDir: store(), operands: [docs()], clock: () => now, ...options}),
    )
  }

  async function snapshot(options: Partial<BackupOptions> = {}): Promise<string> {
    const {snapshot: name} = await backUp(options)
    if (name === null) throw new Error('no snapshot was made')
    return name
  }

  return {
    path,
    store,
    docs,
    backUp,
    snapshot,
    newest: () => storedIn(store()).sort().at(-1) ?? '',
    storeInventory: () =>
      inventory(store()).filter(({path}) => !/^\.backups_(lock|state)$/.test(path)),
    later: (undo) => void undos.push(undo),
  }
}
