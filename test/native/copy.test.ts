// Copying contents: empty, large and sparse files, and files that change during the copy.
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {follow} from '../../src/native/job.js'
import {native, type Applied, type NativeStore} from '../../src/native/native.js'
import {basedOn, plain} from './door.js'
import {runProgram} from './programs.js'
import {expectSame} from './snapshots.js'
import {python, sh, workshop} from './workshop.js'

const TiB = 2 ** 40
const signal = new AbortController().signal

describe('copy', () => {
  const {docs, store, path, snapshot, backUp, newest} = workshop()

  it('copies empty, small and large files', async () => {
    const sizes = [0, 1, 4095, 4096, 4097, 262_143, 262_145, 1_048_575, 1_048_577, 20_000_000]
    const block = Buffer.alloc(20_000_000, 'content ')
    for (const size of sizes) writeFileSync(docs(String(size)), block.subarray(0, size))
    expectSame(docs(), store(await snapshot(), 'docs'))
  })

  it('keeps holes at the start, inside and at the end', async () => {
    python(
      docs(),
      `
for name, places in {'start': [9000000], 'middle': [0, 9000000], 'end': [0], 'none': []}.items():
    with open(name, 'wb') as file:
        for place in places:
            file.seek(place)
            file.write(b'x' * 70000)
        file.truncate(20000000)
`,
    )
    const copy = store(await snapshot(), 'docs')
    expectSame(docs(), copy)
    for (const name of ['start', 'middle', 'end', 'none']) {
      const [from, to] = [docs(name), `${copy}/${name}`].map((file) => statSync(file).blocks * 512)
      expect(to, name).to.be.at.most(Number(from) + 8192)
    }
    sh('sh', '-c', `cat ${docs('none')} > ${docs('full')}`)
    expect(statSync(docs('full')).blocks, 'the control').to.be.above(30_000)
  })

  // Reading a TiB would take many times longer.
  const timeout_ms = 20_000
  const sparse: ReadonlyArray<[string, () => void]> = [
    ['unchanged', () => undefined],
    ['renamed', () => renameSync(docs('huge'), docs('HUGE'))],
    ['with another mode', () => sh('chmod', '600', docs('huge'))],
    ['replaced by its copy', () => sh('sh', '-c', `cd ${docs()}; cp -p huge n; mv n huge`)],
  ]
  for (const [what, edit] of sparse) {
    it(`does not read the holes of a file of 1 TiB, ${what} (slow)`, () => {
      python(docs(), "f = open('huge', 'wb'); f.seek(10**9); f.write(b'x'); f.truncate(2**40)")
      expect(runProgram(['-b', store(), docs()], {timeout_ms})).to.include({exit: 0, err: ''})
      edit()
      expect(runProgram(['-b', store(), docs()], {timeout_ms})).to.include({exit: 0, err: ''})
      const copy = statSync(store(newest(), 'docs', what === 'renamed' ? 'HUGE' : 'huge'))
      expect(copy).to.include({size: TiB})
      expect(copy.blocks).to.be.below(100)
    })
  }

  describe('after a change between scan and copy', () => {
    const name = '2025-01-15_12-00-00' // after those of the workshop

    /** Scans, calls `meddle`, and then copies. `publishes` makes a snapshot of the result. */
    async function meddled(
      meddle: () => void,
      {previous = null, publishes = false}: {previous?: string | null; publishes?: boolean} = {},
    ): Promise<Applied> {
      const opened: NativeStore = native().openStore(store())
      try {
        const sources = opened.openSources([{name: 'docs', path: docs()}])
        const job = opened.snapshot({sources, bases: basedOn(previous), ...plain})
        await follow(job.compare(), signal, () => undefined)
        meddle()
        const partial = `.partial-${name}`
        const applied = await follow(job.apply(partial), signal, () => undefined)
        const end = {partial, name, marker: Buffer.alloc(0)}
        if (publishes) await follow(job.publish(end), signal, () => undefined)
        return applied
      } finally {
        opened.close()
      }
    }
    const made = (...names: string[]): string => store(`.partial-${name}`, 'docs', ...names)
    const told = ({failures}: Applied): string[] =>
      failures.list.map((f) => `${f.warning ? 'warning' : 'error'} ${f.code} ${String(f.path)}`)

    beforeEach(() => {
      mkdirSync(docs('dir'))
      for (const name of ['a', 'b', 'dir/x']) writeFileSync(docs(name), `content of ${name}`)
      mkdirSync(path('secret'))
      writeFileSync(path('secret', 'x'), 'secret')
    })

    it('reports a file that vanished as a warning', async () => {
      const applied = await meddled(() => {
        unlinkSync(docs('a'))
      })
      expect(told(applied)).to.deep.equal(['warning ENOENT docs/a'])
      expect(applied.failures).to.include({errors: 0, warnings: 1})
      expect(applied.totals).to.include({files: 2})
      expect(() => readFileSync(made('a'))).to.throw('ENOENT')
      expect(readFileSync(made('b'), 'utf8')).to.equal('content of b')
    })

    it('reports a directory that vanished as a warning', async () => {
      const applied = await meddled(() => {
        rmSync(docs('dir'), {recursive: true})
      })
      expect(applied.failures).to.include({errors: 0})
      expect(applied.failures.warnings).to.be.above(0)
    })

    it('copies a file that has grown with its new content', async () => {
      const applied = await meddled(() => {
        writeFileSync(docs('a'), 'longer than it was before')
      })
      expect(told(applied)).to.deep.equal([])
      expect(readFileSync(made('a'), 'utf8')).to.equal('longer than it was before')
    })

    it('copies a truncated file with its new content', async () => {
      await meddled(() => {
        truncateSync(docs('a'), 3)
      })
      expect(readFileSync(made('a'), 'utf8')).to.equal('con')
    })

    it('does not follow a file that became a symlink', async () => {
      const applied = await meddled(() => {
        unlinkSync(docs('a'))
        symlinkSync(path('secret', 'x'), docs('a'))
      })
      expect(told(applied)).to.deep.equal(['error CHANGED docs/a'])
      expect(() => readFileSync(made('a'))).to.throw('ENOENT')
    })

    it('does not block on a file that became a FIFO', async () => {
      const applied = await meddled(() => {
        unlinkSync(docs('a'))
        sh('mkfifo', docs('a'))
      })
      expect(told(applied)).to.deep.equal(['error CHANGED docs/a'])
    })

    it('does not enter a directory that became a symlink', async () => {
      const applied = await meddled(() => {
        renameSync(docs('dir'), path('away'))
        symlinkSync(path('secret'), docs('dir'))
      })
      expect(applied.failures.errors).to.equal(1)
      expect(() => readFileSync(made('dir', 'x'))).to.throw('ENOENT')
    })

    it('stores the contents of a directory that could not be opened once in the next snapshot', async () => {
      sh('sh', '-c', `cd ${docs('dir')}; ln -s target link; mkfifo fifo; ln link link2`)
      const applied = await meddled(
        () => {
          renameSync(docs('dir'), path('away'))
          mkdirSync(docs('dir'))
        },
        {publishes: true},
      )
      expect(told(applied)).to.include.members(['error CHANGED docs/dir'])
      rmSync(docs('dir'), {recursive: true})
      renameSync(path('away'), docs('dir'))
      const {snapshot} = await backUp({clock: () => new Date(2025, 0, 15, 13)})
      expectSame(docs(), store(String(snapshot), 'docs'))
    })

    it('does not enter a directory that was replaced by another one', async () => {
      const applied = await meddled(() => {
        renameSync(docs('dir'), path('away'))
        renameSync(path('secret'), docs('dir'))
        utimesSync(docs('dir'), 1, 1)
      })
      expect(told(applied)).to.deep.equal(['error CHANGED docs/dir'])
      expect(() => readFileSync(made('dir', 'x'))).to.throw('ENOENT')
    })

    // Ways to replace the stored file. The source has a new mode.
    for (const [what, replace] of [
      ['another file of its size', 'printf %s "CONTENT of a" > n; mv n a'],
      ['a FIFO', 'rm a; mkfifo a'],
      ['a symlink', 'rm a; printf %s "CONTENT of a" > n; ln -s n a'],
      ['nothing', 'rm a'],
    ] as const) {
      it(`does not take a stored file that became ${what} for its source`, async () => {
        const previous = await snapshot()
        chmodSync(docs('a'), 0o600)
        const applied = await meddled(
          () => void sh('sh', '-c', `cd ${store(previous, 'docs')}; ${replace}`),
          {previous, publishes: true},
        )
        expect(told(applied)).to.deep.equal([])
        expect(readFileSync(store(name, 'docs', 'a'), 'utf8')).to.equal('content of a')
        expectSame(docs(), store(name, 'docs'))
      })
    }

    describe('to one of three names of an inode', () => {
      const clock = (): Date => new Date(2025, 0, 16)
      const inode = (entry: string): number => statSync(store(name, 'docs', entry)).ino
      const content = (entry: string): string => readFileSync(store(name, 'docs', entry), 'utf8')

      beforeEach(() => {
        rmSync(docs('a'))
        for (const twin of ['a', 'dir/c']) linkSync(docs('b'), docs(twin))
      })

      // 'a' leads because its directory is listed first. If the leader is copied, it is copied as
      // it is then.
      for (const [what, edit] of [
        ['first backup', null],
        ['edited since the last one', () => void appendFileSync(docs('b'), '!')],
        ['another mode since the last one', () => void chmodSync(docs('b'), 0o600)],
      ] as const) {
        for (const victim of ['a', 'dir/c']) {
          const others = ['a', 'b', 'dir/c'].filter((entry) => entry !== victim)
          const prepare = async (): Promise<string | null> => {
            const previous = edit && (await snapshot())
            edit?.()
            return previous
          }

          it(`${victim} was replaced: the others stay together (${what})`, async () => {
            const previous = await prepare()
            const old = readFileSync(docs(victim), 'utf8')
            const replace = (): void => {
              writeFileSync(docs('t'), 'of another file')
              renameSync(docs('t'), docs(victim))
            }
            const applied = await meddled(replace, {previous, publishes: true})
            expect(told(applied)).to.deep.equal([])
            expect(others.map(content)).to.deep.equal([old, old])
            expect(inode(String(others[0]))).to.equal(inode(String(others[1])))
            const isNew = content(victim) !== old
            if (isNew) expect(content(victim)).to.equal('of another file')
            expect(inode(victim) === inode(String(others[0]))).to.equal(!isNew)
            if (!what.includes('mode')) expect(isNew).to.equal(victim === 'a')
            // The manifest is correct: the next run notices the missing name.
            await backUp({clock})
            expectSame(docs(), store(newest(), 'docs'))
          })

          it(`${victim} vanished: the others stay together (${what})`, async () => {
            const previous = await prepare()
            const old = readFileSync(docs(victim), 'utf8')
            const vanish = (): void => {
              unlinkSync(docs(victim))
            }
            const applied = await meddled(vanish, {previous, publishes: true})
            expect(applied.failures).to.include({errors: 0})
            expect(others.map(content)).to.deep.equal([old, old])
            expect(inode(String(others[0]))).to.equal(inode(String(others[1])))
            await backUp({clock})
            expectSame(docs(), store(newest(), 'docs'))
          })
        }
      }
    })
  })
})
