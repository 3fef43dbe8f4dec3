// A place for one test: a store, a directory to back up, and a clock that goes on by itself.
import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {backup, type BackupOptions} from '../../src/operations/backup.js'
import type {BackupResult} from '../../src/operations/backup-result.js'
import {backupOptions} from '../support/backup-options.js'
import {temporaryDirectory} from '../support/temporary.js'
import {inventory, python as interpreter, type Item} from './inventory.js'

export const isRoot = process.getuid?.() === 0

/** What has to be done to a test's directory before it can be removed, the last added first. */
type Undo = () => void

export interface Workshop {
  /** A path in the test's own directory. */
  readonly path: (...names: string[]) => string
  readonly store: (...names: string[]) => string
  readonly docs: (...names: string[]) => string
  /** Backs up `docs`, or what is given; each run is a minute after the one before. */
  readonly backUp: (options?: Partial<BackupOptions>) => Promise<BackupResult>
  /** The same, where a new snapshot must come of it; its name. */
  readonly snapshot: (options?: Partial<BackupOptions>) => Promise<string>
  /** The newest snapshot's name. */
  readonly newest: () => string
  /** Everything in the store but its lock. */
  readonly storeInventory: () => Item[]
  readonly later: (undo: Undo) => void
}

/** Runs a command that has to succeed; what it printed. */
export function sh(command: string, ...args: string[]): string {
  const {status, stdout, stderr} = spawnSync(command, args, {encoding: 'utf8'})
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`)
  return stdout
}

/**
 * Waits until what was just written is clearly older than the next scan. Without it that scan cannot
 * prove that nobody wrote to it again, and the run after it looks into it once more.
 */
export const settle = (): Promise<void> => sleep(30)

/** Runs Python lines in `directory`, for what Node cannot do: bytes, relative steps, far times. */
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

/** To be called in a describe block. */
export function workshop(): Workshop {
  let directory: () => string = () => ''
  let runs = 0
  const undos: Undo[] = []
  // Before the directory's own removal, which knows neither byte names nor endless depths.
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
    newest: () => readdirSync(store()).sort().at(-1) ?? '',
    storeInventory: () => inventory(store()).filter(({path}) => path !== '.backups_lock'),
    later: (undo) => void undos.push(undo),
  }
}
