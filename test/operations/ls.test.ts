// The command `ls`: the same as find and stat on the tree, without reading it.
import {spawnSync} from 'node:child_process'
import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inventory, type Item} from '../native/inventory.js'
import {program, runProgram} from '../native/programs.js'
import {python, sh, workshop} from '../native/workshop.js'
import {findProgram} from '../../src/engine/external/programs.js'
import {makeByHand} from '../support/handmade.js'

interface EntryJson {
  readonly path: string
  readonly path_b64?: string
  readonly target: string | null
  readonly target_b64?: string
  readonly [key: string]: unknown
}

const tree = `
os.makedirs('dir/below'); os.mkdir('empty'); os.mkdir('dir.d')
for name in [b'a', b'B', b'dir/x', b'dir/below/deep', b'dir.d/y', b'new\\nline', b'back\\\\slash', b'quo"te', b'\\xff\\xfe',
             'é'.encode(), b'-', b' space ', b'\\x1b[2J', b'\\x7f', '\\u202e'.encode()]:
    open(name, 'wb').write(name * 7)
os.link('a', 'dir/twin'); os.symlink('a', 'link'); os.symlink(b'to \\xff', b'link to \\xff'); os.mkfifo('fifo')
os.chmod('a', 0o4751); os.chmod('B', 0o2600); os.chmod('empty', 0o1777)
os.utime('B', ns=(10**9, 1000000000123456789)); os.utime('-', ns=(0, -5 * 10**8))
`

const bytesOf = (text: string, base64: string | undefined): string =>
  base64 === undefined
    ? Buffer.from(text).toString('latin1')
    : Buffer.from(base64, 'base64').toString('latin1')

/** Nanoseconds of a time in JSON. */
function nanoseconds(time: string): string {
  const [, seconds = '', fraction = ''] = /^(.*T[\d:]{8})(?:\.(\d+))?Z$/.exec(time) ?? []
  return String(BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0')))
}

describe('ls', () => {
  const {docs, store, snapshot} = workshop()

  function ls(...argv: string[]) {
    const {exit, out, err} = runProgram(['ls', '-b', store(), ...argv])
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    return out
  }
  const lines = (...argv: string[]): string[] => ls(...argv).split('\n').slice(0, -1) // prettier-ignore
  const entries = (...argv: string[]): EntryJson[] =>
    (JSON.parse(ls('--json', ...argv)) as {entries: EntryJson[]}).entries

  const wantedOf = (item: Item, above: string): object => ({
    path: above + item.path,
    type: item.type === 'fifo' ? 'special' : item.type,
    mode: item.mode & 0o7777,
    uid: item.uid,
    gid: item.gid,
    size: ['file', 'symlink'].includes(item.type) ? item.size : 0,
    mtime: item.mtime_ns,
    sha256: item.type === 'file' ? item.sha256 : null,
    target: item.type === 'symlink' ? item.target : null,
  })
  const foundOf = ({path_b64, target_b64, ...entry}: EntryJson): object => ({
    ...entry,
    path: bytesOf(entry.path, path_b64),
    mtime: nanoseconds(String(entry.mtime)),
    target: entry.target === null ? null : bytesOf(entry.target, target_b64),
  })

  it('lists a tree as find and stat do, with names of any bytes', async () => {
    python(docs(), tree)
    const name = await snapshot()
    const items = inventory(store(name, 'docs'))
    expect(items).to.have.length.above(20)
    const all = entries('-R', 'latest:docs')
    expect(all.map(foundOf)).to.deep.equal(items.map((item) => wantedOf(item, 'docs/')))
    const top = items.filter((item) => !item.path.includes('/'))
    expect(entries('latest:docs').map(foundOf)).to.deep.equal(
      top.map((item) => wantedOf(item, 'docs/')),
    )
  })

  it('prints names relative to the path, the sources without one, and a single file', async () => {
    python(docs(), tree)
    const name = await snapshot()
    expect(lines()).to.deep.equal(['docs/'])
    expect(lines(`${name}:docs/dir`)).to.deep.equal(['below/', 'twin', 'x'])
    expect(lines('-R', docs('dir'))).to.deep.equal(['below/', 'below/deep', 'twin', 'x'])
    expect(lines('oldest:docs/dir/below/deep')).to.deep.equal(['deep'])
    expect(lines('latest:docs/empty')).to.deep.equal([])
    const odd = lines('latest:docs')
    expect(odd).to.include.members(['new\\x0aline', '\\xff\\xfe', '\\x1b[2J', '\\x7f', '\\u{202e}'])
  })

  it('prints lines such as those of ls -l', async () => {
    python(docs(), tree)
    writeFileSync(docs('large'), Buffer.alloc(1_234_567))
    const name = await snapshot()
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`
    const listed = lines('-l', `${name}:docs`)
    const [uid, gid] = [process.getuid?.(), process.getgid?.()]
    const owner = `${uid}/${gid}`
    const line = (start: string, end: string) => new RegExp(`^${start}  ${time}  ${end}$`)
    expect(listed.find((text) => text.endsWith('  a'))).to.match(
      line(`-rwsr-x--x  ${owner}      7 B`, 'a'),
    )
    expect(listed.find((text) => text.endsWith('  large'))).to.match(
      line(`-rw-r--r--  ${owner}   1.2 MB`, 'large'),
    )
    expect(listed.find((text) => text.endsWith('  empty/'))).to.match(
      line(`drwxrwxrwt  ${owner}        -`, 'empty/'),
    )
    expect(listed).to.include.members(
      listed.filter((text) => /^l\S+ .* link to \\xff -> to \\xff$/.test(text)),
    )
    expect(listed.filter((text) => /^[lp]/.test(text))).to.have.length(3)
    expect(Math.max(...listed.map((text) => text.length))).to.be.at.most(80)
    // GNU ls prints the same modes.
    const modes = (text: string): string[] => text.split('\n').map((row) => row.slice(0, 10))
    const theirs = sh('sh', '-c', 'LC_ALL=C ls -lAq "$0"', store(name, 'docs'))
    expect(modes(listed.join('\n')).sort()).to.deep.equal(modes(theirs.trim()).slice(1).sort())
  })

  it('sorts by size and by time, and reverses', async () => {
    for (const [name, size] of [
      ['one', 1],
      ['three', 3],
      ['two', 2],
    ] as const)
      // prettier-ignore
      writeFileSync(docs(name), 'x'.repeat(size))
    mkdirSync(docs('dir'))
    writeFileSync(docs('dir/four'), 'four')
    python(
      docs(),
      `
for name, time in [('one', 2 * 10**18 + 1), ('two', 10**18), ('three', 2 * 10**18), ('dir/four', -1)]:
    os.utime(name, ns=(0, time))
os.utime('dir', ns=(0, -2))
`,
    )
    await snapshot()
    const of = (...argv: string[]): string[] => lines(...argv, 'latest:docs')
    expect(of('-r')).to.deep.equal(['two', 'three', 'one', 'dir/'])
    expect(of('--sort', 'size')).to.deep.equal(['three', 'two', 'one', 'dir/'])
    expect(of('--sort', 'size', '-r')).to.deep.equal(['dir/', 'one', 'two', 'three'])
    expect(of('--sort=mtime', '-R')).to.deep.equal(['one', 'three', 'two', 'dir/four', 'dir/'])
    expect(of('--sort=name', '-R', '-r')).to.deep.equal(['two', 'three', 'one', 'dir/four', 'dir/'])
  })

  it('chooses the snapshot with --at, and lists a path that exists no more', async () => {
    mkdirSync(docs('dir'))
    writeFileSync(docs('dir/old'), 'old')
    const first = await snapshot()
    rmSync(docs('dir'), {recursive: true})
    writeFileSync(docs('new'), 'new')
    await snapshot()
    expect(lines('--at', '2025-01-15 10:00', docs('dir'))).to.deep.equal(['old'])
    expect(lines('--at', '2025-01-15 10:00')).to.deep.equal(['docs/'])
    expect(lines(`${first}:docs`)).to.deep.equal(['dir/'])
    const {exit, out, err} = runProgram(['ls', '-b', store(), docs('dir')])
    expect({exit, out}).to.deep.equal({exit: 7, out: ''})
    const missing = 'cura-te-ipsum: there is no docs/dir in 2025-01-15_10-01-00'
    expect(err).to.equal(`${missing}; it was last in ${first}\n`)
    const never = runProgram(['ls', '-b', store(), 'latest:docs/never'])
    expect(never.err).to.match(/there is no docs\/never in 2025-01-15_10-01-00\n$/)
  })

  it('reads the tree if the record is lost, and says so', async () => {
    python(docs(), tree)
    const name = await snapshot()
    const before = ls('-l', '-R', `${name}:docs`)
    rmSync(store(name, '.backup_manifest'))
    for (const argv of [['-l', '-R'], ['-l']]) {
      const {exit, out, err} = runProgram(['ls', '-b', store(), ...argv, `${name}:docs`])
      expect(exit).to.equal(0)
      expect(err).to.match(/^cura-te-ipsum: .*: read its tree, because .*\(it has none\)\.\n$/)
      if (argv.includes('-R')) expect(out).to.equal(before)
    }
  })

  it('lists a snapshot of the Python tool', () => {
    makeByHand(store(), '20250115_103000')
    sh('chmod', '0700', store())
    const {exit, out} = runProgram(['ls', '-b', store(), '-R', '20250115_103000'])
    expect({exit, out}).to.deep.equal({exit: 0, out: 'docs/\ndocs/a.txt\n'})
    expect(runProgram(['ls', '-b', store(), 'latest:docs']).out).to.equal('a.txt\n')
  })

  /** The paths and sizes that ncdu understood, by its own export of what it read. */
  function readByNcdu(exported: Buffer): Map<string, unknown> {
    const {status, stdout} = spawnSync('ncdu', ['-e', '-f', '-', '-o', '-'], {
      input: exported,
      maxBuffer: 1e9,
    })
    expect(status).to.equal(0)
    const found = new Map<string, unknown>()
    type Node = {name: string} | [{name: string}, ...Node[]]
    const visit = (node: Node, above: string): void => {
      const [head, ...rest] = Array.isArray(node) ? node : [node]
      const name = above + head.name
      found.set(name, head)
      for (const below of rest) visit(below, `${name}/`)
    }
    const [, , , root] = JSON.parse(stdout.toString('latin1')) as [0, 0, 0, Node]
    const [{name: top}] = root as [{name: string}]
    visit(root, '')
    return new Map([...found].map(([name, facts]) => [name.slice(top.length + 1), facts]))
  }

  it('exports what ncdu reads (needs ncdu)', async function () {
    if (findProgram('ncdu', process.env.PATH ?? '') === null) this.skip()
    python(docs(), tree)
    const name = await snapshot()
    for (const below of ['', 'docs', 'docs/dir', 'docs/empty']) {
      const {status, stdout} = spawnSync(process.execPath, [
        program, 'ls', '-b', store(), '--ncdu', below === '' ? name : `${name}:${below}`,
      ]) // prettier-ignore
      expect(status).to.equal(0)
      const found = readByNcdu(stdout)
      const items = inventory(store(name, below)).filter(
        (item) => !item.path.startsWith('.backup_'),
      )
      expect([...found.keys()].sort()).to.deep.equal(['', ...items.map((item) => item.path)].sort())
      for (const item of items.filter(({type}) => type === 'file')) {
        expect(found.get(item.path), item.path).to.include({asize: item.size, uid: item.uid})
      }
    }
    const twins = readByNcdu(
      spawnSync(process.execPath, [program, 'ls', '-b', store(), '--ncdu']).stdout,
    )
    const a = twins.get('docs/a') as {ino: number; hlnkc: boolean}
    expect(a.hlnkc).to.equal(true)
    expect(twins.get('docs/dir/twin')).to.include({ino: a.ino, hlnkc: true})
  })

  it('refuses --ncdu with another form or order', () => {
    for (const flag of ['--json', '--json-lines', '-r', '--sort=size']) {
      expect(runProgram(['ls', '-b', store(), '--ncdu', flag])).to.include({exit: 2})
    }
  })

  it('lists one directory of a large snapshot within a second (slow)', async () => {
    python(
      docs(),
      `
for d in range(20):
    os.mkdir('d%02d' % d)
    for n in range(1000): open('d%02d/%03d' % (d, n), 'w').close()
`,
    )
    await snapshot()
    const times = [1, 2, 3, 4, 5].map(() => {
      const start = performance.now()
      expect(lines('-l', 'latest:docs/d15')).to.have.length(1000)
      return performance.now() - start
    })
    expect(Math.min(...times)).to.be.below(1000)
  })

  it('ends quietly if the reader closes the pipe (slow)', async () => {
    python(docs(), "for n in range(9000): open('%05d' % n, 'w').close()")
    await snapshot()
    for (const flag of ['-R', '-lr', '--ncdu', '--json-lines']) {
      const line = `node ${program} ls -b ${store()} ${flag} latest:docs | head -n 1`
      const {status, stderr} = spawnSync('sh', ['-c', line], {encoding: 'utf8'})
      expect({status, stderr}, flag).to.deep.equal({status: 0, stderr: ''})
    }
  })

  it('writes nothing', async () => {
    writeFileSync(docs('a'), 'a')
    await snapshot()
    renameSync(docs('a'), docs('b'))
    const before = inventory(store())
    ls('-R')
    expect(inventory(store())).to.deep.equal(before)
  })
})
