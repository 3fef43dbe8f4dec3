// The command `size`: its amounts, its operands and filters, and its exit codes.
import {spawnSync} from 'node:child_process'
import {linkSync, mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {exclusiveSizes} from '../../src/operations/size.js'
import {ask} from '../../src/operations/query.js'
import {localZone} from '../../src/retention/retention.js'
import {countFreed, randomEdits, randomTree} from '../native/space-use.js'
import {python as interpreter} from '../native/inventory.js'
import {program, runProgram} from '../native/programs.js'
import {changed, isBelow, trace} from '../native/traces.js'
import {python, settle, sh, workshop} from '../native/workshop.js'

interface SizeJson {
  readonly store_bytes: number
  readonly store_inodes: number
  readonly set: {
    names: string[]
    freed_bytes: number
    freed_inodes: number
    foreign_bytes: number
    foreign_inodes: number
  }
  readonly top: Array<{path: string; path_b64?: string; bytes: number; versions: number}>
  readonly snapshots: Array<{
    name: string
    files: number
    exclusive_bytes: number
    exclusive_inodes: number
    foreign_inodes: number
  }>
  readonly warnings: string[]
}

describe('size, the command', () => {
  const {docs, store, path, snapshot} = workshop()

  const run = (...argv: string[]) => runProgram(['size', '-b', store(), ...argv])

  function json(...argv: string[]): SizeJson {
    const {exit, out, err} = run('--json', ...argv)
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    return JSON.parse(out) as SizeJson
  }

  async function make(seed: number): Promise<string[]> {
    python(docs(), randomTree(seed))
    const names = [await snapshot()]
    for (const n of [1, 2, 3]) {
      python(docs(), randomEdits(100 * seed + n))
      await settle()
      names.push(await snapshot())
    }
    return names
  }

  it('lists every snapshot alone, the newest first, and what all occupy', async () => {
    const names = (await make(21)).reverse()
    const {snapshots, set, store_bytes: bytes, store_inodes: inodes} = json()
    const counted = countFreed(store(), names, [...names.map((name) => [name]), names])
    expect(
      snapshots.map(({name, exclusive_bytes: b, exclusive_inodes: i}) => [name, b, i]),
    ).to.deep.equal(names.map((name, at) => [name, counted[at]?.bytes, counted[at]?.inodes]))
    expect({bytes, inodes}).to.deep.equal({bytes: counted[4]?.bytes, inodes: counted[4]?.inodes})
    expect(set).to.include({freed_bytes: bytes, freed_inodes: inodes})
    const found = await ask(
      {
        storeDir: store(),
        now: new Date(2025, 5, 1),
        zone: localZone,
        host: null,
        filters: {},
        signal: new AbortController().signal,
        emit: () => Promise.resolve(),
      },
      exclusiveSizes,
    )
    expect([...found].map(([name, alone]) => [name, alone.bytes, alone.inodes])).to.deep.equal(
      snapshots.map(({name, exclusive_bytes: b, exclusive_inodes: i}) => [name, b, i]),
    )
  })

  it('measures a set of snapshots, which frees more than each of them alone', async () => {
    const names = [await snapshot()]
    for (const file of ['shared', 'new', 'newer']) {
      writeFileSync(docs(file), 'x'.repeat(20_000))
      if (file === 'newer') rmSync(docs('shared'))
      names.push(await snapshot())
    }
    const [, second = '', third = ''] = names
    const {snapshots, set} = json('latest~1', second)
    const [counted] = countFreed(store(), names, [[second, third]])
    expect(set).to.deep.equal({
      names: [third, second],
      freed_bytes: counted?.bytes,
      freed_inodes: counted?.inodes,
      foreign_bytes: 0,
      foreign_inodes: 0,
    })
    expect(snapshots.map(({name}) => name)).to.deep.equal([third, second])
    const sum = snapshots.reduce((total, one) => total + one.exclusive_bytes, 0)
    expect(set.freed_bytes).to.be.above(sum)
    const text = run(second, 'latest~1').out
    expect(text).to.match(/\nRemoving these 2 snapshots frees [\d.]+ kB and \d+ inodes\.\n$/)
    expect(Math.max(...text.split('\n').map((line) => line.length))).to.be.at.most(80)
    expect(run('oldest').out).to.match(new RegExp(`\\nRemoving ${names[0]} frees `))
  })

  it('lists the paths that cost most, with the bytes of their names', async () => {
    writeFileSync(docs('large'), 'x'.repeat(50_000))
    python(docs(), "open(b'bad\\xff', 'w').write('x' * 9000)")
    await snapshot()
    rmSync(docs('large'))
    const second = await snapshot()
    const {top} = json('--top', '2', 'oldest')
    expect(top).to.deep.equal([{path: 'docs/large', bytes: 53_248, versions: 1}])
    const {top: both} = json('--top', '2', 'oldest', second)
    expect(both[1]).to.include({path: 'docs/bad\ufffd', path_b64: 'ZG9jcy9iYWT/'})
    expect(run('--top', '1').out).to.match(
      /\n *Frees +Versions +Path\n *53\.2 kB +1 +docs\/large\n/,
    )
    for (const wrong of ['0', 'x', '-1', '']) {
      expect(run(`--top=${wrong}`), wrong).to.include({exit: 2, out: ''})
    }
  })

  it('names what stays on disk because of hardlinks elsewhere', async () => {
    writeFileSync(docs('file'), 'x'.repeat(9000))
    const name = await snapshot()
    linkSync(store(name, 'docs', 'file'), path('outside'))
    const {set, store_bytes: bytes} = json()
    expect(set).to.include({foreign_bytes: 12_288, foreign_inodes: 1})
    expect(bytes).to.equal(set.freed_bytes + 12_288)
    const text = '1 more inode (12.3 kB) stays, because it has hardlinks elsewhere.'
    expect(run().out).to.include(text)
  })

  it('counts unfinished snapshots only if they are named', async () => {
    const name = await snapshot()
    const unfinished = '2025-03-01_00-00-00'
    sh('cp', '-al', store(name), store(unfinished))
    rmSync(store(unfinished, '.backup_finished'))
    expect(json().snapshots.map((one) => one.name)).to.deep.equal([name])
    const {snapshots, set} = json(unfinished, name)
    expect(snapshots.map((one) => one.name)).to.deep.equal([unfinished, name])
    expect(set.foreign_inodes).to.equal(0)
  })

  it('measures only snapshots that match the filters, among all', async () => {
    const other = path('other')
    mkdirSync(other)
    const first = await snapshot()
    const second = await snapshot({operands: [other], tags: ['x']})
    expect(json('--source', 'docs').set.names).to.deep.equal([first])
    expect(json('--tag', 'x').set.names).to.deep.equal([second])
    expect(run('--tag', 'y')).to.include({exit: 7, out: ''})
  })

  it('reads a tree without a record, and says so', async () => {
    const name = await snapshot()
    rmSync(store(name, '.backup_manifest'))
    const {exit, err} = run()
    expect(exit).to.equal(0)
    expect(err).to.match(/: read its tree, because its record is unusable \(it has none\)\.\n$/)
  })

  it('refuses a path, an unknown snapshot and an empty store', async () => {
    expect(run()).to.include({exit: 7, out: ''})
    const name = await snapshot()
    expect(run('latest:docs')).to.deep.include({
      exit: 2,
      err: `cura-te-ipsum: "latest:docs" has a path, but only whole snapshots can be measured: write ${name}\n`,
    })
    expect(run('2020-01-01')).to.include({exit: 7})
  })

  it('prints a line for each snapshot with --json-lines', async () => {
    const names = [await snapshot()]
    writeFileSync(docs('new'), 'new')
    names.unshift(await snapshot())
    const lines = run('--json-lines').out.trim().split('\n')
    const events = lines.map((line) => JSON.parse(line) as {event: string; name?: string})
    const entries = events.filter(({event}) => event === 'entry')
    expect(entries.map(({name}) => name)).to.deep.equal(names)
    expect(events.at(-1)).to.include({event: 'summary', command: 'size', exit: 0})
  })

  it('looks at no inode for each of its names, opens no file and writes nothing (needs strace)', async function () {
    if (spawnSync('strace', ['-V']).status !== 0) this.skip()
    python(docs(), "os.mkdir('dir')\nfor n in range(300): open('dir/%d' % n, 'w').close()")
    await snapshot()
    for (const file of ['a', 'b', 'c', 'd']) {
      writeFileSync(docs(file), file)
      await snapshot()
    }
    const calls = trace(path('trace'), [process.execPath, program, 'size', '-b', store()])
    const isFile = (at: string): boolean => /\/docs\/dir\/\d+$/.test(at)
    const about = calls.filter(({paths}) => paths.some(isFile))
    // Each thread may be the first to meet an inode, and there are 1,500 names.
    expect(about.length).to.be.within(300, 600)
    expect(new Set(about.map(({name}) => name))).to.deep.equal(new Set(['statx']))
    const written = calls.flatMap(changed).filter((at) => isBelow(at, store()))
    expect(written).to.deep.equal([])
  })

  it('needs little memory for many entries (slow)', async () => {
    python(docs(), "for n in range(20000): open('%05d' % n, 'w').close()")
    await snapshot()
    for (let n = 0; n < 3; n += 1) {
      writeFileSync(docs(`new${n}`), 'x')
      await snapshot()
    }
    const measure = `
import resource, subprocess
argv = ['${process.execPath}', '${program}', 'size', '-b', '${store()}']
done = subprocess.run(argv, stdout=subprocess.DEVNULL)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000)
`
    const {stdout} = spawnSync(interpreter, ['-c', measure], {encoding: 'utf8'})
    const [status, megabytes] = stdout.split(' ').map(Number)
    expect(status).to.equal(0)
    expect(megabytes).to.be.below(200)
  })
})
