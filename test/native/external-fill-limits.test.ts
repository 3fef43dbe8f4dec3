// Snapshots that another program fills with few descriptors, links or rights.
import {spawnSync} from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {compareNow} from './door.js'
import {contents, inventories, inventory} from './inventory.js'
import {fillNow, partial, type FillOptions} from './external-fills.js'
import {asNobody, nobody, runProgram, withDescriptors} from './programs.js'
import {damage, isBelow, mutates, trace, type Call} from './traces.js'
import {isRoot, python, sh, workshop} from './workshop.js'

const fixture = fileURLToPath(new URL('fixtures/external-fill.ts', import.meta.url))
const loader = import.meta.resolve('tsx')
const second = '2025-02-01_00-00-00'
const outputLimit_bytes = 64 * 1024 * 1024

interface Outcome {
  readonly error?: string
  readonly linked: number
  readonly unshared: number
  readonly applied: {
    readonly bytes: number
    readonly totals: {readonly files: number; readonly directories: number}
    readonly failures: {
      readonly errors: number
      readonly list: ReadonlyArray<{
        readonly path: {readonly data: number[]}
        readonly code: string
      }>
    }
  }
}

const failuresOf = ({applied}: Outcome): string[] =>
  applied.failures.list.map(({path, code}) => `${code} ${Buffer.from(path.data).toString()}`).sort()

describe('external fill, under limits', () => {
  const {docs, store, path, snapshot, newest} = workshop()
  const work = (...names: string[]): string => store(partial, ...names)

  const command = (options: Omit<FillOptions, 'store'>, fill: string): string[] => [
    process.execPath,
    '--import',
    loader,
    fixture,
    JSON.stringify({store: store(), ...options}),
    fill,
  ]

  function run(
    under: readonly string[],
    options: Omit<FillOptions, 'store' | 'fill'>,
    fill = 'true',
  ): Outcome {
    const [program = '', ...args] = [...under, ...command(options, fill)]
    const {status, stdout, stderr} = spawnSync(program, args, {
      encoding: 'utf8',
      maxBuffer: outputLimit_bytes,
    })
    if (status !== 0) throw new Error(`ended with ${status}: ${stderr}`)
    return JSON.parse(stdout) as Outcome
  }

  it('goes 1,000 levels deep with 128 descriptors (slow)', async () => {
    const levels = 1000
    const files = levels / 100 + 1
    python(
      docs(),
      `
for level in range(${levels}):
    os.mkdir('d')
    os.chdir('d')
    if level % 100 == 0: open('file', 'w').write(str(level))
open('bottom', 'w').write('x')
`,
    )
    const first = await snapshot()
    const bottom = `docs/${'d/'.repeat(levels)}bottom`
    const options = {previous: first, unshare: [bottom], missing: [bottom], name: second}
    const outcome = run(withDescriptors(128), options)
    expect(outcome).to.deep.include({linked: levels + files + 1, unshared: 1})
    expect(outcome.applied.failures.errors).to.equal(0)
    expect(outcome.applied.totals).to.include({directories: levels + 1, files})
    // An inventory would hold every one of these paths.
    python(
      store(),
      `
def levels(top):
    at = os.open(top, os.O_RDONLY)
    found = []
    while True:
        names = sorted(os.listdir(at))
        stats = [os.lstat(name, dir_fd=at) for name in names]
        kept = [(s.st_mtime_ns, s.st_mode, 0 if stat.S_ISDIR(s.st_mode) else s.st_ino) for s in stats]
        found.append((names, kept))
        if 'd' not in names: return found
        below = os.open('d', os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
assert len(levels('${first}/docs')) == ${levels} + 1
assert levels('${first}/docs') == levels('${second}/docs')
`,
    )
    expect(await compareNow(store(), docs(), second)).to.include({differs: false, rebuilt: null})
  })

  it('changes no inode of a published snapshot, and names nothing by a path (slow)', async () => {
    python(
      docs(),
      `
for n in range(20):
    os.makedirs('d%d' % (n % 5), exist_ok=True)
    open('d%d/f%d' % (n % 5, n), 'w').write(str(n))
os.link('d1/f1', 'twin'); os.symlink('x', 'link'); os.mkfifo('fifo')
os.setxattr('d0', 'user.one', b'1'); os.setxattr('d1/f1', 'user.one', b'1')
`,
    )
    const first = await snapshot()
    const options = {
      previous: first,
      unshare: ['docs/twin', 'docs/d2/f2'],
      missing: ['docs/twin'],
      name: second,
    }
    const calls = trace(path('trace'), command(options, 'true'))
    expect(calls.filter(mutates).length).to.be.above(40)
    // Removing a name in the work directory does not change the inode.
    const isUnlink = ({name, paths}: Call): boolean =>
      name === 'unlinkat' && paths.every((at) => isBelow(at, work()))
    expect(calls.filter(isUnlink)).to.have.lengthOf.above(2)
    expect(
      damage(
        calls.filter((call) => !isUnlink(call)),
        [store(first)],
      ),
    ).to.deep.equal([])
    const byPath = calls.filter(({typed}) => typed.some((name) => isBelow(name, store())))
    expect(byPath.map(({line}) => line)).to.deep.equal([])
  })

  describe('an inode that can have no more names', () => {
    /** Paths below docs/d in a snapshot whose inodes are full. */
    const fullBelow = (snapshotName: string): string[] => {
      const inject = ['-e', 'trace=linkat', '-e', 'inject=linkat:error=EMLINK']
      const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject]
      return [...under, '-P', store(snapshotName, 'docs/d')]
    }

    it('is removed with all its names, which then share a new inode', async () => {
      python(
        docs(),
        "os.mkdir('d'); open('a', 'w').write('x'); os.link('a', 'd/b'); os.link('a', 'c')",
      )
      writeFileSync(docs('other'), 'y')
      const first = await snapshot()
      const outcome = run(fullBelow(first), {previous: first})
      expect(outcome).to.include({linked: 3}) // docs, d and other
      expect(readdirSync(work('docs')).sort()).to.deep.equal(['d', 'other'])
      expect(readdirSync(work('docs/d'))).to.deep.equal([])
      expect(failuresOf(outcome)).to.deep.equal([])
    })

    it('is reported if it cannot be restored', async () => {
      mkdirSync(docs('d'))
      writeFileSync(docs('d/a'), 'x')
      const first = await snapshot()
      const outcome = run(fullBelow(first), {previous: first, missing: ['docs/d/a']})
      expect(failuresOf(outcome)).to.deep.equal(['EMLINK docs/d/a'])
    })

    it('is left out if the filesystem refuses the link (ext4) (slow)', async function () {
      const linkLimit = 65_000
      const filesystem = sh('stat', '-f', '-c', '%T', store()).trim()
      if (!filesystem.startsWith('ext')) this.skip()
      python(
        docs(),
        "os.mkdir('d'); open('a', 'w').write('x'); os.link('a', 'd/b'); open('c', 'w').close()",
      )
      const first = await snapshot()
      mkdirSync(path('many'))
      linkSync(store(first, 'docs/a'), path('many/0'))
      python(path('many'), `for n in range(1, ${linkLimit - 3}): os.link('0', str(n))`)
      const {linked, applied} = await fillNow({store: store(), previous: first})
      expect(statSync(store(first, 'docs/a')).nlink).to.equal(linkLimit - 1)
      expect(linked).to.equal(3)
      expect(applied.totals).to.include({files: 1, directories: 2})
      expect(readdirSync(work('docs')).sort()).to.deep.equal(['c', 'd'])
    })
  })

  describe('as an ordinary user', () => {
    const under = isRoot ? asNobody : []
    const firstBackup = (): string => {
      expect(runProgram(['-b', store(), docs()], {under})).to.include({exit: 0})
      return newest()
    }

    beforeEach(() => {
      if (!isRoot) return
      chmodSync(path(), 0o755)
      chownSync(store(), nobody, nobody)
    })

    const plant = (code: string): void => {
      python(docs(), code)
      if (isRoot) sh('chown', '-R', String(nobody), docs())
    }

    it('changes read-only directories, and makes them read-only again', () => {
      plant(
        "os.makedirs('d/e')\nfor n in ['d/a', 'd/e/b', 'd/e/c']: open(n, 'w').write(n)\nos.chmod('d/e', 0o500); os.chmod('d', 0o555)",
      )
      const first = firstBackup()
      const outcome = run(under, {
        previous: first,
        unshare: ['docs/d/a', 'docs/d/e/b'],
        missing: ['docs/d/a'],
        name: second,
      })
      expect(outcome).to.deep.include({linked: 6, unshared: 2})
      expect(failuresOf(outcome)).to.deep.equal([])
      const [older = [], newer = []] = inventories(store(first, 'docs'), store(second, 'docs'))
      expect(contents(newer)).to.deep.equal(contents(older.filter((item) => item.path !== 'd/e/b')))
      expect(inventory(store(first, 'docs'))).to.deep.equal(older)
    })

    it('reports a stored directory that it may not read, and continues', () => {
      plant("for n in ['blind', 'deaf', 'open']: os.mkdir(n); open(n + '/file', 'w').write('x')")
      const first = firstBackup()
      chmodSync(store(first, 'docs/blind'), 0o300)
      chmodSync(store(first, 'docs/deaf'), 0o600)
      const outcome = run(under, {previous: first})
      expect(outcome).to.include({linked: 5})
      expect(failuresOf(outcome)).to.include.members(['EACCES docs/blind', 'EACCES docs/deaf/file'])
      expect(existsSync(work('docs/open/file'))).to.be.true
      expect(statSync(store(first, 'docs/blind')).mode & 0o777).to.equal(0o300)
    })

    it('keeps a directory accessible that the filler could not enter', () => {
      plant("os.mkdir('d'); open('d/file', 'w').write('x'); os.utime('d', ns=(7, 7))")
      const first = firstBackup()
      const fill = `chmod 0 ${work('docs/d')}; touch -d 2001-01-01 ${work('docs/d')}`
      const outcome = run(under, {previous: first, missing: ['docs/d'], name: second}, fill)
      expect(failuresOf(outcome)).to.deep.equal([])
      const [older = [], newer = []] = inventories(store(first, 'docs'), store(second, 'docs'))
      expect(newer).to.deep.equal(older.map((item, at) => ({...item, ino: newer[at]?.ino})))
      expect(outcome.applied.totals).to.include({files: 1, directories: 2})
    })
  })
})
