// verify as a process: its exit codes, an error of the disk, and what is left when it is killed.
import {spawnSync} from 'node:child_process'
import {appendFileSync, linkSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {root} from '../documents/files.js'
import {flip} from '../native/verifying.js'
import {isRoot, settle, workshop} from '../native/workshop.js'

interface Answer {
  readonly exit: number
  readonly damaged: ReadonlyArray<{
    readonly kind: string
    readonly healed: boolean
    readonly paths: ReadonlyArray<{readonly snapshot: string; readonly path: string}>
  }>
  readonly checked_inodes: number
  readonly damaged_inodes: number
}

const cli = join(root, 'dist/cli.cjs')

const run = (...args: string[]): {status: number | null; stdout: string} =>
  spawnSync(process.execPath, [cli, ...args], {encoding: 'utf8'})

describe('cura-te-ipsum verify', () => {
  const {docs, store, snapshot} = workshop()
  const text = 'good '.repeat(1000)

  const answer = (...args: string[]): Answer =>
    JSON.parse(run('verify', '-b', store(), '--json', ...args).stdout) as Answer

  /** Two snapshots that share a file with two names. */
  async function make(): Promise<[string, string]> {
    mkdirSync(docs('sub'))
    writeFileSync(docs('sub/a'), text)
    linkSync(docs('sub/a'), docs('twin'))
    writeFileSync(docs('b'), 'other')
    await settle()
    const first = await snapshot()
    appendFileSync(docs('b'), 'more')
    await settle()
    return [first, await snapshot()]
  }

  it('says what is damaged, exits with 5, and status shows it', async () => {
    const [first, second] = await make()
    expect(run('verify', '-b', store(), '--read', 'all').status).to.equal(0)
    flip(store(first, 'docs/twin'))
    expect(run('verify', '-b', store()).status).to.equal(0)
    const {exit, damaged, damaged_inodes} = answer('--read', 'all')
    expect({exit, damaged_inodes}).to.deep.equal({exit: 5, damaged_inodes: 1})
    const names = damaged[0]?.paths.map((one) => `${one.snapshot}/${one.path}`)
    expect(names?.sort()).to.deep.equal(
      [first, second].flatMap((name) => [`${name}/docs/sub/a`, `${name}/docs/twin`]).sort(),
    )
    const told = run('status', '-b', store())
    expect(told.stdout).to.match(/1 .*damage/)
    expect(told.status).to.equal(3)
    expect(run('verify', '-b', store()).status).to.equal(5)
    expect(answer('--heal', '-n').exit).to.equal(5)
    expect(answer('--heal').exit).to.equal(0)
    expect(answer('--read', 'all')).to.deep.include({exit: 0, damaged: [], damaged_inodes: 0})
  })

  it('takes an error of the disk for damage of that file, and goes on', async function () {
    if (!isRoot) this.skip()
    const [first, second] = await make()
    const victim = store(second, 'docs/twin')
    const traced = spawnSync(
      'strace',
      [
        ...['-f', '-q', '-o', '/dev/null', '-P', victim, '-e', 'trace=read'],
        ...['-e', 'inject=read:error=EIO', process.execPath, cli],
        ...['verify', '-b', store(), '--read', 'all', '--json'],
      ],
      {encoding: 'utf8'},
    )
    const {exit, damaged, checked_inodes} = JSON.parse(traced.stdout) as Answer
    expect(exit).to.equal(5)
    expect(damaged.map(({kind}) => kind)).to.deep.equal(['unreadable'])
    expect(damaged[0]?.paths.map((one) => one.snapshot)).to.include(first)
    expect(checked_inodes).to.equal(2)
  })

  for (const call of ['linkat', 'renameat', 'fsync', 'mkdirat', 'utimensat']) {
    it(`leaves each name damaged or whole when it is killed at any ${call}`, async function () {
      if (!isRoot) this.skip()
      this.timeout(120_000)
      const [first, second] = await make()
      const names = [first, second].flatMap((name) => [`${name}/docs/sub/a`, `${name}/docs/twin`])
      const good = readFileSync(docs('sub/a'))
      let kills = 0
      for (let step = 1; step < 12; step += 1) {
        flip(store(first, 'docs/twin'))
        const bad = readFileSync(store(first, 'docs/twin'))
        expect(answer('--read', 'all').exit).to.equal(5)
        const {signal} = spawnSync('strace', [
          ...['-f', '-q', '-o', '/dev/null', '-e', `trace=${call}`],
          ...['-e', `inject=${call}:signal=SIGKILL:when=${step}`, process.execPath, cli],
          ...['verify', '-b', store(), '--heal', '-q'],
        ])
        for (const name of names) {
          const bytes = readFileSync(store(name))
          expect(bytes.equals(good) || bytes.equals(bad), `${call} ${step} ${name}`).to.equal(true)
        }
        expect(answer('--heal').exit, `${call} ${step}`).to.equal(0)
        expect(answer('--read', 'all').exit, `${call} ${step}`).to.equal(0)
        expect(new Set(names.map((name) => statSync(store(name)).ino)).size).to.equal(1)
        if (signal === null) break
        kills += 1
      }
      expect(kills).to.be.greaterThan(0)
    })
  }
})
