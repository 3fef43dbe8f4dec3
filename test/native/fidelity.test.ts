// Fidelity on real filesystems: a snapshot has everything about an entry, every change is noticed,
// and no older snapshot changes.
import {chownSync, mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {backup} from '../../src/operations/backup.js'
import {backupOptions, listing} from '../support/backup-options.js'
import {wholeInventories, type WholeItem} from './inventory.js'
import {kept, rsyncDifferences, shared, sources, swollen} from './likeness.js'
import {filesystems, kinds, needs, type Kind} from './mounts.js'
import {asNobody, nobody, runProgram} from './programs.js'
import {
  everybodysEdits,
  make,
  makeRichTree,
  rootsEdits,
  runLines,
  type Edit,
  type Who,
} from './rich-tree.js'
import {sh} from './workshop.js'

/** Entries of an older snapshot that have changed, except for new names. */
function disturbed(before: readonly WholeItem[], now: readonly WholeItem[]): string[] {
  const found = new Map(now.map((item) => [item.path, item]))
  const isSame = (was: WholeItem): boolean => {
    const is = found.get(was.path)
    if (is === undefined) return false
    // The kernel counts a new name as a change of the inode.
    const isLinked = is.names > was.names && was.type !== 'directory'
    const allowed = isLinked ? {names: is.names, ctime_ns: is.ctime_ns} : {}
    return JSON.stringify({...was, ...allowed}) === JSON.stringify(is)
  }
  const paths = new Set(before.map(({path}) => path))
  const added = now.filter(({path}) => !paths.has(path))
  return [...before.filter((was) => !isSame(was)), ...added].map(({path}) => path)
}

const whatOf = (edits: readonly Edit[]): string => edits.map(({what}) => what).join(', ')

const inThreeTurns = (edits: readonly Edit[]): Edit[][] =>
  [0, 1, 2].map((turn) => edits.filter((_, i) => i % 3 === turn))

/** The output of a run. */
interface Report {
  readonly snapshot: string | null
  readonly changes: readonly string[]
  readonly notes: readonly string[]
}

const operandsIn = (tree: string): string[] => sources.map((source) => join(tree, source))

/** Runs the program as another user. */
function backUpAsUser(store: string, tree: string): Report {
  const argv = ['-b', store, ...operandsIn(tree), '--json', '-v', '--no-prune']
  const {exit, out, err} = runProgram(argv, {under: asNobody})
  expect(exit, err).to.equal(0)
  const json = JSON.parse(out) as {
    readonly snapshot: string | null
    readonly changes: ReadonlyArray<{kind: string; path: string}>
    readonly notes: ReadonlyArray<{kind: string}>
  }
  return {
    snapshot: json.snapshot,
    changes: json.changes.map(({kind, path}) => `${kind} ${path}`),
    notes: json.notes.map(({kind}) => kind),
  }
}

describe(`fidelity (${needs})`, () => {
  const on = filesystems()
  let runs = 0

  async function backUpAsRoot(store: string, tree: string): Promise<Report> {
    const changes: string[] = []
    const now = new Date(2025, 0, 15, 10, runs++, 0)
    const {snapshot, exit, notes} = await backup(
      backupOptions({
        storeDir: store,
        operands: operandsIn(tree),
        clock: () => now,
        ...listing((page) =>
          changes.push(...page.map(({kind, path}) => `${kind} ${path.toString('latin1')}`)),
        ),
      }),
    )
    expect(exit).to.equal(0)
    return {snapshot, changes, notes: notes.map(({kind}) => kind)}
  }

  /** A tree and a store of one user, and the snapshots made so far. */
  class Place {
    readonly #recorded: Array<{readonly path: string; readonly items: WholeItem[]}> = []

    constructor(
      readonly who: Who,
      readonly tree: string,
      readonly store: string,
    ) {
      const owner = who === 'root' ? 0 : nobody
      mkdirSync(tree, {mode: 0o755, recursive: true})
      mkdirSync(store, {mode: 0o700, recursive: true})
      for (const directory of [tree, store]) chownSync(directory, owner, owner)
    }

    backUp(): Promise<Report> | Report {
      const run = this.who === 'root' ? backUpAsRoot : backUpAsUser
      return run(this.store, this.tree)
    }

    get newest(): string {
      return this.#recorded.at(-1)?.path ?? ''
    }

    /** Makes a snapshot, and expects it to be complete and the previous one unchanged. */
    async snapshot(what: string): Promise<Report> {
      const report = await this.backUp()
      expect(report.snapshot, what).to.be.a('string')
      const path = join(this.store, report.snapshot ?? '')
      const previous = this.#recorded.at(-1)
      const older = previous === undefined ? [] : [previous.path]
      const [tree = [], items = [], again = []] = wholeInventories(this.tree, path, ...older)
      if (previous !== undefined) expect(disturbed(previous.items, again), what).to.deep.equal([])
      this.#recorded.push({path, items})
      this.#compare(tree, items, what)
      return report
    }

    #compare(tree: readonly WholeItem[], items: readonly WholeItem[], what: string): void {
      expect(rsyncDifferences(this.tree, this.newest, this.who), what).to.equal('')
      const [wanted, found] = [kept(tree, this.who), kept(items, this.who)]
      expect(shared(found), what).to.deep.equal(shared(wanted))
      expect(swollen(wanted, found), what).to.deep.equal([])
    }

    loseManifest(): void {
      const name = '.backup_manifest'
      rmSync(join(this.newest, name))
      const last = this.#recorded.pop()
      if (last === undefined) return
      const items = last.items.filter((item) => item.path !== name)
      this.#recorded.push({path: last.path, items})
    }

    /** Expects every snapshot to be as it was when it was made. */
    expectUndisturbed(): void {
      const now = wholeInventories(...this.#recorded.map(({path}) => path))
      const found = this.#recorded.map(({items}, i) => disturbed(items, now[i] ?? []))
      expect(found.flat()).to.deep.equal([])
      this.expectVerified()
    }

    /** Expects verify to find nothing wrong; notes say what the store could not keep. */
    expectVerified(): void {
      const under = this.who === 'root' ? {} : {under: asNobody}
      const argv = ['verify', '-b', this.store, '--read', 'all', '--json']
      const {exit, out, err} = runProgram(argv, under)
      const {damaged} = JSON.parse(out) as {readonly damaged: readonly unknown[]}
      expect(damaged, err).to.deep.equal([])
      expect(exit).to.equal(0)
    }
  }

  /** Compares with the manifest only, without the tree. */
  async function expectNothingChanged(place: Place): Promise<void> {
    expect(await place.backUp()).to.include({snapshot: null})
  }

  function expectChanges(report: Report, edits: readonly Edit[]): void {
    const alternatives = [
      edits.flatMap(({changes}) => changes),
      edits.flatMap(({changes, or}) => or ?? changes),
    ].map((changes) => [...new Set(changes)].sort().join('\n'))
    expect([...report.changes].sort().join('\n'), whatOf(edits)).to.be.oneOf(alternatives)
  }

  for (const kind of kinds) {
    it(`keeps the whole tree and follows each edit, as root, on ${kind}`, async () => {
      const place = new Place('root', join(on(kind), 'tree'), join(on(kind), 'store'))
      makeRichTree(place.tree, 'root')
      expect((await place.snapshot('first')).notes).to.deep.equal(['socket'])
      await expectNothingChanged(place)
      const edits = [...everybodysEdits, ...rootsEdits]
      // One edit per snapshot on the first filesystem. The others make several edits per snapshot,
      // which concern different entries.
      const turns = kind === 'ext4' ? edits.map((edit) => [edit]) : inThreeTurns(edits)
      for (const turn of turns) {
        make(turn, place.tree, 'root')
        expectChanges(await place.snapshot(whatOf(turn)), turn)
      }
      await expectNothingChanged(place)
      place.expectUndisturbed()
    })

    it(`keeps whatever an ordinary user may set, on ${kind}`, async () => {
      const who = 'an ordinary user'
      const place = new Place(who, join(on(kind), 'own'), join(on(kind), 'own-store'))
      makeRichTree(place.tree, who)
      const limits = ['device', 'owner', 'socket', 'xattr:security']
      expect((await place.snapshot('first')).notes).to.deep.equal(limits)
      await expectNothingChanged(place)
      for (const turn of inThreeTurns(everybodysEdits)) {
        make(turn, place.tree, who)
        expectChanges(await place.snapshot(whatOf(turn)), turn)
      }
      await expectNothingChanged(place)
      place.expectUndisturbed()
    })
  }

  const crossings: ReadonlyArray<[from: Kind, to: Kind, notes: readonly string[]]> = [
    ['ext4', 'xfs', ['device']],
    ['xfs', 'ext4', ['xattr:user']],
    ['btrfs', 'xfs', []],
  ]

  it('keeps a tree on another filesystem, and notes and records what does not fit there', async () => {
    for (const [from, to, limits] of crossings) {
      const place = new Place('root', join(on(from), `to-${to}`), join(on(to), `of-${from}`))
      makeRichTree(place.tree, 'root')
      if (from === 'ext4') {
        runLines(place.tree, "os.mknod('docs/far', stat.S_IFCHR, os.makedev(4095, 1048575))")
      }
      const {notes} = await place.backUp()
      expect(notes, `${from} to ${to}`).to.deep.equal([...limits, 'socket'].sort())
      place.expectVerified()
      await expectNothingChanged(place)
      runLines(place.tree, "os.unlink('docs/xattrs/large'); os.unlink('docs/xattrs/many')")
      if (from === 'ext4') runLines(place.tree, "os.unlink('docs/far')")
      await place.snapshot(`${from} to ${to}`)
    }
  })

  it('notes times that the store rounds, and sees no change in them', async () => {
    const place = new Place('root', join(on('ext4'), 'fine'), join(on('rough'), 'store'))
    runLines(place.tree, 'for n in sources: os.mkdir(n)'.replace('sources', "['docs', 'other']"))
    runLines(place.tree, "put('docs/f'); os.utime('docs/f', ns=(1, 1))")
    expect((await place.backUp()).notes).to.deep.equal(['time'])
    await expectNothingChanged(place)
  })

  it('notes a setgid bit that the kernel drops silently, and sees no change in it', async () => {
    const at = (name: string): string => join(on('rough'), 'setgid', name)
    const place = new Place('an ordinary user', at('tree'), at('store'))
    // With grpid, a file gets the group of its directory, which the user need not belong to.
    sh('mount', '-o', 'remount,grpid', on('rough'))
    const lines = "os.mkdir('docs'); os.mkdir('other'); put('docs/f')"
    runLines(at(''), "os.chown('store', 65534, 1)")
    runLines(place.tree, lines)
    runLines(place.tree, "for n in ['docs', 'other', 'docs/f']: os.chown(n, 65534, 1)")
    runLines(place.tree, "os.chmod('docs/f', 0o2755)")
    expect((await place.backUp()).notes).to.deep.equal(['mode'])
    await expectNothingChanged(place)
  })

  for (const who of ['root', 'an ordinary user'] as const) {
    it(`follows edits made while the manifest was lost, as ${who}`, async () => {
      const place = new Place(who, join(on('ext4'), `lost ${who}`), join(on('ext4'), `for ${who}`))
      makeRichTree(place.tree, who)
      await place.snapshot('first')
      for (const turn of inThreeTurns(everybodysEdits)) {
        make(turn, place.tree, who)
        place.loseManifest()
        const {changes} = await place.snapshot(whatOf(turn))
        const wanted = turn.filter(({changes}) => changes[0]?.startsWith('metadata'))
        // The tree shows which names shared an inode, but not which name moved where.
        const told = wanted.filter(({or}) => or === undefined)
        expect(changes).to.include.members(told.flatMap((edit) => edit.changes))
      }
      await expectNothingChanged(place)
    })
  }

  /** Python code that damages a snapshot, and the entry that every check must then report. */
  const planted: ReadonlyArray<[code: string, path: string]> = [
    ["take('docs/xattrs/dir', 'user.empty')", 'docs/xattrs/dir'],
    ["give('docs/roots/link', 'trusted.one', b'9')", 'docs/roots/link'],
    ["give('docs/roots/fifo', 'trusted.one', b'9')", 'docs/roots/fifo'],
    ["take('docs/roots/char', access)", 'docs/roots/char'],
    ["give('docs/acls/dir', default, acl(1))", 'docs/acls/dir'],
    ["take('docs/roots/ping', 'security.capability')", 'docs/roots/ping'],
    ["os.chmod('docs/modes/f11', 0o777)", 'docs/modes/f11'],
    ["os.chown('docs/roots/l0', 9, 9, follow_symlinks=False)", 'docs/roots/l0'],
    ["os.utime('docs/times/l6', ns=(5, 5), follow_symlinks=False)", 'docs/times/l6'],
    ["os.unlink('other/twin2'); os.system('cp -p other/twin other/twin2')", 'other/twin2'],
    ["put('docs/bytes/-rf/-rf', b'CONTENT')", 'docs/bytes/-rf/-rf'],
  ]

  it('is found missing by every check: the control', async () => {
    const place = new Place('root', join(on('ext4'), 'control'), join(on('ext4'), 'controls'))
    makeRichTree(place.tree, 'root')
    await place.snapshot('first')
    const [tree = [], first = []] = wholeInventories(place.tree, place.newest)
    for (const [code, path] of planted) {
      runLines(place.newest, code)
      expect(rsyncDifferences(place.tree, place.newest, 'root'), code).to.include(path)
    }
    runLines(
      place.newest,
      "os.system('cp --sparse=never docs/sparse/hole x; mv x docs/sparse/hole')",
    )
    const [now = []] = wholeInventories(place.newest)
    expect(swollen(tree, now)).to.deep.equal(['docs/sparse/hole'])
    expect(disturbed(first, now)).to.include.members(planted.map(([, path]) => path))
    const wanted = new Set(shared(kept(tree, 'root')).map((item) => JSON.stringify(item)))
    const differing = kept(now, 'root').filter(
      (_, i) => !wanted.has(JSON.stringify(shared(kept(now, 'root'))[i])),
    )
    expect(differing.map(({path}) => path)).to.include.members(planted.map(([, path]) => path))
  })
})
