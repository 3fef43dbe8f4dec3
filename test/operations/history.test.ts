// history against brute force over the trees: versions by content, renames, deletions.
import {appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync} from 'node:fs' // prettier-ignore
import {expect} from 'chai'
import {history, type HistoryOptions, type PathHistory} from '../../src/operations/history.js'
import {localZone} from '../../src/retention/retention.js'
import type {Item} from '../native/inventory.js'
import {runProgram} from '../native/programs.js'
import {settle, sh, workshop} from '../native/workshop.js'
import {withRecords} from '../native/records.js'
import {pathsOf, treesOf, type Trees} from '../support/brute-force.js'
import {makeRandomStore} from '../support/random-store.js'
import {seeds} from '../support/seeds.js'

type Asked = Partial<Pick<HistoryOptions, 'follow' | 'metadata'>>

async function ask(storeDir: string, path: string, asked: Asked = {}): Promise<PathHistory> {
  const {histories} = await history({
    storeDir,
    now: new Date(2030, 0, 1),
    zone: localZone,
    host: null,
    filters: {},
    signal: new AbortController().signal,
    emit: () => Promise.resolve(),
    paths: [path],
    follow: true,
    metadata: false,
    ...asked,
  })
  return histories[0] as PathHistory
}

interface Facts {
  readonly item: Item
  /** Null if the record does not have the digest. */
  readonly sha256: string | null
}

type Tree = ReadonlyMap<string, Facts>

function sameContent(a: Facts, b: Facts): boolean {
  if (a.item.type !== b.item.type) return false
  if (a.item.type === 'symlink') return a.item.target === b.item.target
  if (a.item.type !== 'file') return a.item.rdev === b.item.rdev
  if (a.item.size !== b.item.size) return false
  if (a.item.size === 0 || a.item.ino === b.item.ino) return true
  // Without two digests, another inode may have other bytes.
  return a.sha256 !== null && a.sha256 === b.sha256
}

/** A directory has the same content if everything below it has. */
function sameAt(path: string, a: Tree, b: Tree): boolean {
  const [one, other] = [a.get(path), b.get(path)]
  if (one === undefined || other === undefined || !sameContent(one, other)) return false
  if (one.item.type !== 'directory') return true
  const below = new Set([...a.keys(), ...b.keys()].filter((name) => name.startsWith(`${path}/`)))
  return [...below].every((name) => {
    const [here, there] = [a.get(name), b.get(name)]
    return here !== undefined && there !== undefined && sameContent(here, there)
  })
}

/** Each version as [first, last, how many]. */
function bruteVersions(path: string, names: readonly string[], trees: readonly Tree[]) {
  const versions: Array<[string, string, number]> = []
  for (const [at, name] of names.entries()) {
    const here = trees[at]
    if (here?.has(path) !== true) continue
    const newer = trees[at - 1]
    const open = versions.at(-1)
    if (open !== undefined && newer !== undefined && sameAt(path, newer, here)) {
      open[0] = name
      open[2] += 1
    } else versions.push([name, name, 1])
  }
  return versions
}

/** The trees with the digests that their records know, which must be right. */
async function factsOf(storeDir: string, trees: Trees): Promise<Tree[]> {
  return Promise.all(
    trees.items.map(async (items, at) => {
      const known = await withRecords(storeDir, [trees.names[at] ?? ''], (records) => {
        const next = records.list(0, Buffer.alloc(0), {recursive: true})
        const all = next?.(1_000_000) ?? []
        return new Map(all.map(({path, sha256}) => [path.toString('latin1'), sha256]))
      })
      return new Map(
        [...items].map(([path, item]) => {
          const sha256 = known.get(path) ?? null
          if (sha256 !== null) expect(sha256, path).to.equal(item.sha256)
          return [path, {item, sha256}]
        }),
      )
    }),
  )
}

async function compareAll(directory: string, seed: number): Promise<number> {
  const {storeDir} = await makeRandomStore(directory, seed)
  let count = 0
  for (const source of ['docs', 'other']) {
    const trees = treesOf(storeDir, source)
    const facts = await factsOf(storeDir, trees)
    for (const path of pathsOf(trees).filter((one) => /^[\x20-\x7e]*$/.test(one))) {
      const found = await ask(storeDir, path, {follow: false})
      const versions = found.versions.map(({first, last, snapshots}) => [first, last, snapshots])
      const brute = bruteVersions(path, trees.names, facts)
      expect(versions, `seed ${seed} ${path}`).to.deep.equal(brute)
      const isGone = facts[0]?.has(path) !== true
      expect(found.deleted === null, `seed ${seed} ${path}`).to.equal(!isGone)
      if (isGone) expect(found.deleted?.after).to.equal(brute[0]?.[1])
      count += versions.length
      await expectRightRenames(storeDir, path, facts, trees.names)
    }
  }
  return count
}

/** Followed over a rename, a file keeps its content, and its old name is gone afterwards. */
async function expectRightRenames(
  storeDir: string,
  path: string,
  facts: readonly Tree[],
  names: readonly string[],
): Promise<void> {
  const {versions} = await ask(storeDir, path)
  for (const [at, version] of versions.entries()) {
    if (version.change !== 'renamed') continue
    const older = versions[at + 1]
    const [now, then] = [names.indexOf(version.first), names.indexOf(older?.last ?? '')]
    expect(then).to.equal(now + 1)
    const [newName = '', oldName = ''] = [version, older].map((one) => one?.entry.path.toString('latin1')) // prettier-ignore
    expect(facts[now]?.has(oldName)).to.equal(false)
    const [one, other] = [facts[now]?.get(newName), facts[then]?.get(oldName)]
    if (one?.item.type !== 'directory') expect(one?.item.sha256).to.equal(other?.item.sha256)
  }
}

describe('history', () => {
  const {docs, store, path, snapshot} = workshop()
  const run = (...args: string[]) => runProgram(['history', '-b', store(), ...args])

  it('gives the same versions as brute force over random stores', async () => {
    let versions = 0
    for (const seed of seeds(3)) {
      mkdirSync(path(`${seed}`))
      versions += await compareAll(path(`${seed}`), seed)
      sh('rm', '-rf', path(`${seed}`))
    }
    expect(versions).to.be.above(10 * seeds(3).length) // the control: there is something to compare
  })

  it('counts a touched file as one version, and an edit that keeps size and time as two', async () => {
    writeFileSync(docs('a'), 'first')
    await settle()
    const first = await snapshot()
    utimesSync(docs('a'), 1e9, 1e9)
    const second = await snapshot()
    writeFileSync(docs('a'), 'other')
    utimesSync(docs('a'), 1e9, 1e9)
    const third = await snapshot()
    const {versions} = await ask(store(), docs('a'))
    const shown = versions.map(({first: from, last, change}) => [from, last, change])
    expect(shown).to.deep.equal([[third, third, 'changed'], [first, second, 'new']]) // prettier-ignore
    const withMetadata = await ask(store(), docs('a'), {metadata: true})
    expect(withMetadata.versions.map(({change}) => change)).to.deep.equal([
      'changed',
      'metadata',
      'new',
    ])
  })

  it('follows a file and a directory across renames', async () => {
    mkdirSync(docs('old'))
    writeFileSync(docs('old', 'letter'), 'text')
    await settle()
    const first = await snapshot()
    renameSync(docs('old'), docs('new'))
    const second = await snapshot()
    appendFileSync(docs('new', 'letter'), 'more')
    const third = await snapshot()
    for (const [now, then] of [
      ['new/letter', 'old/letter'],
      ['new', 'old'],
    ] as const) {
      // prettier-ignore
      const {versions} = await ask(store(), docs(now))
      const shown = versions.map(({last, change, entry}) => [last, change, String(entry.path)])
      expect(shown).to.deep.equal([
        [third, 'changed', `docs/${now}`],
        [second, 'renamed', `docs/${now}`],
        [first, 'new', `docs/${then}`],
      ])
      const alone = await ask(store(), docs(now), {follow: false})
      expect(alone.versions.map(({last}) => last)).to.deep.equal([third, second])
    }
  })

  it('keeps an older file whose name a renamed one has taken', async () => {
    writeFileSync(docs('f'), 'precious')
    await settle()
    const first = await snapshot()
    rmSync(docs('f'))
    writeFileSync(docs('draft'), 'draft')
    await settle()
    const second = await snapshot()
    renameSync(docs('draft'), docs('f'))
    const third = await snapshot()
    const {versions} = await ask(store(), docs('f'))
    const shown = versions.map(({last, change, entry}) => [last, change, String(entry.path)])
    expect(shown).to.deep.equal([
      [third, 'renamed', 'docs/f'],
      [second, 'new', 'docs/draft'],
      [first, 'new', 'docs/f'],
    ])
  })

  it('sees no version where a rebuilt record does not know attributes', async () => {
    mkdirSync(docs('sub'))
    sh('setfattr', '-n', 'user.x', '-v', '1', docs('sub'))
    const first = await snapshot()
    writeFileSync(docs('other'), 'other')
    await snapshot()
    rmSync(store(first, '.backup_manifest'))
    const {versions} = await ask(store(), docs('sub'), {metadata: true})
    expect(versions).to.have.length(1)
  })

  it('says that a file is deleted, whatever tags are asked for', async () => {
    writeFileSync(docs('a'), 'a')
    writeFileSync(docs('kept'), 'kept')
    const first = await snapshot({tags: ['keep']})
    rmSync(docs('a'))
    const second = await snapshot()
    const json = JSON.parse(run('--json', '--tag', 'keep', docs('a')).out) as object
    expect(json).to.deep.include({deleted: {after: first, before: second}})
    const found = runProgram(['find', '-b', store(), '--tag', 'keep', '--deleted', 'a'])
    expect(found.out).to.equal(`${first}  ${first}  docs/a  (deleted)\n`)
    expect(runProgram(['find', '-b', store(), '--tag', 'keep', '--deleted', 'kept'])).to.include({
      exit: 7,
    })
  })

  it('says between which snapshots a path was deleted', async () => {
    writeFileSync(docs('a'), 'a')
    writeFileSync(docs('kept'), 'kept')
    const first = await snapshot()
    rmSync(docs('a'))
    const second = await snapshot()
    expect((await ask(store(), docs('a'))).deleted).to.deep.equal({after: first, before: second})
    const {exit, out} = run(docs('a'))
    expect(exit).to.equal(0)
    expect(out).to.match(
      new RegExp(`^docs/a, deleted after ${first} and before ${second}\\nFirst `),
    )
    expect(run('--deleted', docs()).out).to.equal(`${first}  ${first}  docs/a  (deleted)\n`)
    expect(run('--deleted', docs('kept'))).to.include({exit: 7})
    const never = run(docs('never'))
    expect(never).to.include({exit: 7, out: ''})
    expect(never.err).to.match(/^cura-te-ipsum: no snapshot has docs\/never; to search for it: /)
    expect(run('/nowhere/at/all')).to.include({exit: 7, out: ''})
  })

  it('fits into 80 columns, and prints the stored paths for other programs', async () => {
    writeFileSync(docs('a'), 'x'.repeat(123_456_789))
    const first = await snapshot()
    const {out} = run(docs('a'))
    for (const line of out.split('\n')) expect(line).to.have.length.at.most(80)
    expect(run('-0', docs('a')).out).to.equal(`${store()}/${first}/docs/a\0`)
  })

  it('writes JSON for programs, also line by line', async () => {
    writeFileSync(docs('a'), 'a')
    const first = await snapshot()
    const whole = JSON.parse(run('--json', docs('a')).out) as {versions: object[]}
    expect(whole).to.deep.include({command: 'history', format: 1, path: 'docs/a', deleted: null})
    const version = {first, last: first, snapshots: 1, path: 'docs/a', size: 1, change: 'new'}
    expect(whole.versions[0]).to.include(version)
    const lines = run('--json-lines', docs('a')).out.trim().split('\n')
    expect(JSON.parse(lines[0] ?? '')).to.include({event: 'entry', ...version})
    expect(lines).to.have.length(2)
  })

  it('lists each history that a path means, with its heading', async () => {
    mkdirSync(path('far/docs'), {recursive: true})
    writeFileSync(docs('a'), 'here')
    const first = await snapshot()
    writeFileSync(path('far/docs/a'), 'there')
    const second = await snapshot({operands: [path('far/docs')], host: 'beta'})
    const {exit, out, err} = run('docs/a')
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    const headings = out.split('\n').filter((line) => line.startsWith('docs/a'))
    expect(headings).to.have.length(2)
    for (const heading of headings)
      expect(heading).to.match(/^docs\/a {2}\[docs \(.*docs on .*\)\]$/)
    const json = JSON.parse(run('--json', 'docs/a').out) as {histories: Array<{history: string}>}
    expect(json.histories.map(({history: label}) => label).join()).to.match(/on beta/)
    expect(run('-0', 'docs/a').out.split('\0').slice(0, -1).sort()).to.deep.equal([
      store(first, 'docs/a'),
      store(second, 'docs/a'),
    ])
    expect(run('--host', 'beta', 'docs/a').out).to.not.contain(first)
    const found = runProgram(['find', '-b', store(), 'a']).out.trim().split('\n')
    expect(found.map((line) => line.replace(/.*docs\/a/, '')).join()).to.match(
      /^ {2}\[docs \(.* on .*\)\], {2}\[docs \(.* on .*\)\]$/,
    )
    // Only one history has it.
    writeFileSync(docs('b'), 'b')
    await snapshot()
    expect(run('docs/b').out.match(/^docs\/b/gm)).to.have.length(1)
  })

  it('takes a source given as NAME=PATH and as PATH for one', async () => {
    writeFileSync(docs('a'), 'one')
    const first = await snapshot()
    writeFileSync(docs('a'), 'second')
    const second = await snapshot({operands: [`docs=${docs()}`]})
    const {exit, out} = run(docs('a'))
    expect(exit).to.equal(0)
    for (const name of [first, second]) expect(out).to.contain(name)
    expect(out).to.match(/^docs\/a\n/)
    const found = runProgram(['find', '-b', store(), 'a'])
    expect(found.out).to.equal(`${first}  ${second}  docs/a\n`)
  })
})
