// find against brute force over the trees, and its forms of output.
import {createHash} from 'node:crypto'
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {find, type FoundPath} from '../../src/operations/find.js'
import {conditionsFrom, type ConditionTexts} from '../../src/operations/find-conditions.js'
import {localZone} from '../../src/retention/retention.js'
import type {Item} from '../native/inventory.js'
import {runProgram} from '../native/programs.js'
import {python, sh, workshop} from '../native/workshop.js'
import {bruteFind, pathsOf, treesOf, type BruteMatch, type Trees} from '../support/brute-force.js'
import {makeRandomStore} from '../support/random-store.js'
import {seeds} from '../support/seeds.js'

const now = new Date(2030, 0, 1)
const none: ConditionTexts = {patterns: [], ignoreCase: false, types: [], deleted: false}
const letters: Readonly<Record<string, string>> = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  fifo: 's',
}

async function ask(storeDir: string, texts: Partial<ConditionTexts>): Promise<FoundPath[]> {
  const found: FoundPath[] = []
  await find({
    storeDir,
    now,
    zone: localZone,
    host: null,
    filters: {},
    signal: new AbortController().signal,
    emit: () => Promise.resolve(),
    conditions: await conditionsFrom({...none, ...texts}, now, localZone),
    onPage: (page) => {
      found.push(...page)
      return Promise.resolve(true)
    },
  })
  return found
}

const shown = (found: readonly FoundPath[]): BruteMatch[] =>
  found.map(({path, first, last, count, present}) => {
    return {path: path.toString('latin1'), first, last, snapshots: count, present}
  })

const sorted = (matches: readonly BruteMatch[]): BruteMatch[] =>
  [...matches].sort((a, b) => (a.path < b.path ? -1 : 1))

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Questions, each with its answer for one entry of a tree. */
function questions(trees: readonly Trees[]) {
  const some = trees.flatMap(({items}) => [...(items.at(-1)?.values() ?? [])])
  const content = some.find(({type, size}) => type === 'file' && size === 10)?.sha256 ?? '0'.repeat(64) // prettier-ignore
  type Fits = (path: string, item: Item) => boolean
  const all: Array<[Partial<ConditionTexts>, Fits]> = [
    [{}, () => true],
    [{patterns: ['*.txt']}, (path) => path.endsWith('.txt')],
    [{patterns: ['a']}, (path) => lastName(path) === 'a'],
    [{patterns: ['A'], ignoreCase: true}, (path) => /^a$/i.test(lastName(path))],
    [{patterns: ['docs/*']}, (path) => path.split('/').length === 2 && path.startsWith('docs/')],
    [{patterns: ['/docs/a/**']}, (path) => path.startsWith('docs/a/')],
    [{patterns: ['b', '!docs/**']}, (path) => lastName(path) === 'b' && !path.startsWith('docs/')],
    [{patterns: ['a/']}, (path, item) => lastName(path) === 'a' && item.type === 'directory'],
    [{size: '+9'}, (_, item) => item.type === 'file' && item.size > 9],
    [{size: '-10'}, (_, item) => item.type === 'file' && item.size < 10],
    [{size: '10'}, (_, item) => item.type === 'file' && item.size === 10],
    [{digest: content}, (_, item) => item.type === 'file' && item.sha256 === content],
    ...['f', 'd', 'l', 's'].map((type): [Partial<ConditionTexts>, Fits] => [
      {types: [type]},
      (_, item) => letters[item.type] === type,
    ]),
  ]
  return all
}

/** Files whose digest is unknown cannot be found by it. */
const isKnown = (found: readonly FoundPath[], match: BruteMatch): boolean =>
  found.some(({path, sha256}) => path.toString('latin1') === match.path && sha256 !== null)

async function compareAll(directory: string, seed: number): Promise<number> {
  const {storeDir} = await makeRandomStore(directory, seed)
  const trees = ['docs', 'other'].map((source) => treesOf(storeDir, source))
  let matches = 0
  for (const [texts, fits] of questions(trees)) {
    for (const deleted of [false, true]) {
      const found = await ask(storeDir, {...texts, deleted})
      const brute = trees.flatMap((one) => bruteFind(one, fits, deleted))
      const label = `seed ${seed} ${JSON.stringify({...texts, deleted})}`
      if (texts.digest === undefined) {
        expect(sorted(shown(found)), label).to.deep.equal(sorted(brute))
      } else {
        expect(
          shown(found).every((match) => isKnown(found, match)),
          label,
        ).to.equal(true)
        const paths = brute.map(({path}) => path)
        expect(paths, label).to.include.members(shown(found).map(({path}) => path))
      }
      matches += brute.length
    }
  }
  return matches
}

describe('find', () => {
  const {docs, store, path, snapshot} = workshop()
  const run = (...args: string[]) => runProgram(['find', '-b', store(), ...args])

  it('gives the same answers as brute force over random stores', async () => {
    let matches = 0
    for (const seed of seeds(8)) {
      mkdirSync(path(`${seed}`))
      matches += await compareAll(path(`${seed}`), seed)
      sh('rm', '-rf', path(`${seed}`))
    }
    expect(matches).to.be.above(100 * seeds(8).length) // the control: the answers are not empty
  })
  it('would notice a wrong answer (the control)', async () => {
    const {storeDir} = await makeRandomStore(path(), 3).catch(() =>
      makeRandomStore(path('docs'), 3),
    )
    const trees = treesOf(storeDir, 'docs')
    const found = sorted(shown(await ask(storeDir, {})).filter(({path: one}) => one.startsWith('docs'))) // prettier-ignore
    const first = pathsOf(trees)[3] ?? ''
    const wrong = bruteFind(trees, (one) => one !== first, false)
    expect(found).not.to.deep.equal(sorted(wrong))
    expect(found).to.deep.equal(sorted(bruteFind(trees, () => true, false)))
  })

  it('prints a line for each path, and marks deleted ones', async () => {
    writeFileSync(docs('kept.txt'), 'kept')
    writeFileSync(docs('gone.txt'), 'gone')
    const first = await snapshot()
    rmSync(docs('gone.txt'))
    const second = await snapshot()
    const {exit, out, err} = run('*.txt')
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    expect(out).to.equal(
      `${first}  ${first}  docs/gone.txt  (deleted)\n${first}  ${second}  docs/kept.txt\n`,
    )
    expect(run('--deleted', '*.txt').out.split('\n')).to.have.length(2)
  })

  it('takes paths of this machine, and sizes and times', async () => {
    mkdirSync(docs('in'))
    writeFileSync(docs('in', 'big'), 'x'.repeat(2000))
    writeFileSync(docs('in', 'small'), 'x')
    python(docs(), "os.utime('in/small', (1e9, 1e9))")
    await snapshot()
    const names = (...args: string[]): string[] =>
      run(...args, '--print0').out.split('\0').filter((one) => one !== '') // prettier-ignore
    expect(names(`${docs('in')}/*`)).to.deep.equal(['docs/in/big', 'docs/in/small'])
    expect(names(docs('in', 'big'))).to.deep.equal(['docs/in/big'])
    expect(names('--size', '+1k', '**')).to.deep.equal(['docs/in/big'])
    expect(names('--older', '2001-09-10', '--type', 'f')).to.deep.equal(['docs/in/small'])
    expect(names('--newer', '2001-09-10', '--type', 'f')).to.deep.equal(['docs/in/big'])
    expect(names('--same-as', docs('in', 'small'))).to.deep.equal(['docs/in/small'])
    expect(names('-0', 'big')).to.deep.equal(['docs/in/big'])
    expect(names(`${path()}/*/in/big`)).to.deep.equal(['docs/in/big'])
    expect(names('-i', docs('in', 'big').toUpperCase())).to.deep.equal(['docs/in/big'])
  })

  it('writes JSON for programs, also line by line', async () => {
    python(docs(), "open(b'bad\\xff', 'w').write('bad')")
    const first = await snapshot()
    const sha256 = createHash('sha256').update('bad').digest('hex')
    const match = {type: 'file', size: 3, first, last: first, snapshots: 1, present: true, sha256, history: 'docs'} // prettier-ignore
    const {exit, out} = run('--json', 'bad*')
    const whole = JSON.parse(out) as {matches: Array<Record<string, unknown>>}
    expect(exit).to.equal(0)
    expect(whole).to.include({command: 'find', format: 1, found: 1, exit: 0})
    expect(whole.matches[0]).to.include({...match, path_b64: Buffer.from('docs/bad\xff', 'latin1').toString('base64')}) // prettier-ignore
    const lines = run('--json-lines', 'bad*').out.trim().split('\n').map((line) => JSON.parse(line) as object) // prettier-ignore
    expect(lines[0]).to.include({event: 'entry', ...match})
    expect(lines[1]).to.include({event: 'summary', command: 'find', found: 1, exit: 0})
    expect(lines).to.have.length(2)
  })

  it('ends with 7 if nothing is found, and with 2 for what it cannot read', async () => {
    writeFileSync(docs('a'), 'a')
    await snapshot()
    expect(run('nothing')).to.deep.include({exit: 7, out: ''})
    expect(run('nothing').err).to.match(
      /^cura-te-ipsum: No path matches nothing\. .* write '\*nothing\*'/,
    )
    expect(run('[')).to.deep.include({exit: 2, out: ''})
    expect(run('[').err).to.match(/"\[" is not a pattern/)
    expect(run(`${path()}/[`)).to.deep.include({exit: 2, out: ''})
    expect(run(`${path()}/[z-a]/x`)).to.deep.include({exit: 7, out: ''})
    expect(run('--size', 'many').err).to.match(/"many" is not a size/)
    expect(run('--newer', 'soon').err).to.match(/--newer "soon" is not a time/)
    expect(run('--digest', 'ab').err).to.match(/--digest "ab" is not 64 hexadecimal digits/)
    expect(run('--same-as', path('none')).err).to.match(/--same-as: cannot read .*none: .*ENOENT/)
  })

  it('says how many files it could not compare by digest', async () => {
    writeFileSync(docs('a'), 'a')
    await snapshot({digests: false})
    const {exit, err} = run('--same-as', docs('a'))
    expect(exit).to.equal(7)
    expect(err).to.equal('cura-te-ipsum: 1 path was not compared, because its digest is unknown.\n')
  })

  it('goes on behind its last match even if that no longer matches (slow)', async () => {
    writeFileSync(docs('aaa'), 'same')
    for (const name of ['m', 'y']) mkdirSync(docs(name))
    for (let n = 0; n < 12_000; n += 1) writeFileSync(docs('m', `${n}`), '')
    writeFileSync(docs('y', 'inner'), 'y')
    const first = await snapshot()
    rmSync(docs('aaa'))
    writeFileSync(docs('zzz'), 'same')
    await snapshot()
    const record = store(first, '.backup_manifest')
    const bytes = readFileSync(record)
    const at = bytes.lastIndexOf('inner')
    bytes[at] = Number(bytes[at]) ^ 1
    writeFileSync(record, bytes)
    const {out} = run('--same-as', docs('zzz'))
    expect(out.trim().split('\n').map(lastName)).to.deep.equal(['aaa  (deleted)', 'zzz'])
  })

  it('goes on with the tree of a snapshot whose record is damaged (slow)', async () => {
    for (let n = 0; n < 3000; n += 1) writeFileSync(docs(`file-${n}`), `${n}`)
    const first = await snapshot()
    const record = store(first, '.backup_manifest')
    const bytes = readFileSync(record)
    bytes[60_000] = Number(bytes[60_000]) ^ 1
    writeFileSync(record, bytes)
    const {exit, out, err} = run('file-*')
    expect(exit).to.equal(0)
    expect(new Set(out.trim().split('\n')).size).to.equal(3000)
    expect(out.trim().split('\n')).to.have.length(3000)
    expect(err).to.match(/read its tree, because its record is unusable/)
  })

  it('needs few descriptors, however many snapshots there are (slow)', async () => {
    const count = 120
    for (let n = 0; n < count; n += 1) {
      writeFileSync(docs('a'), `${n}`)
      await snapshot()
    }
    const found = (limit: number): string[] =>
      sh('sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath, 'dist/cli.cjs', 'find', '-b', store(), '--json', 'a').split('\n') // prettier-ignore
    const counted = (lines: readonly string[]): string[] => lines.filter((line) => line.includes('"snapshots"')) // prettier-ignore
    expect(counted(found(4096))).to.deep.equal([`      "snapshots": ${count},`])
    expect(found(100)).to.deep.equal(found(4096))
  })

  it('ends quietly if nobody reads its output any more', async () => {
    for (let n = 0; n < 2000; n += 1) writeFileSync(docs(`file-${n}`), '')
    await snapshot()
    const command = `${process.execPath} dist/cli.cjs find -b ${store()} '*' | head -n 1`
    const done = sh('sh', '-c', `${command} 2>&1; echo`)
    expect(done).to.match(/^\S+ {2}\S+ {2}docs\/\n\n$/)
  })
})
