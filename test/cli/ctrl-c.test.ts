// Ctrl-C at the built program on a terminal: what it says, and what it leaves.
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {inventory} from '../native/inventory.js'
import {runProgram} from '../native/programs.js'
import {expectSame} from '../native/snapshots.js'
import {hasTmux, slow, TestScreen} from '../support/screen.js'
import {storeAndDocs} from '../support/temporary.js'

describe('Ctrl-C (needs tmux and strace)', () => {
  const {temporary, store, docs} = storeAndDocs()
  const run = (...argv: string[]) => runProgram(['-b', store(), ...argv, docs()])
  const shown = (): string[] => readdirSync(store()).filter((name) => !name.startsWith('.'))
  const unfinished = (): string[] =>
    readdirSync(store()).filter((name) => /^\.(partial|trash)-/.test(name))
  let screen: TestScreen | undefined
  let before: ReturnType<typeof inventory>

  beforeEach(function () {
    if (!hasTmux || process.platform !== 'linux') this.skip()
    for (const dir of ['1', '2', '3', '4']) {
      mkdirSync(join(docs(), dir))
      for (let n = 0; n < 150; n += 1) writeFileSync(join(docs(), dir, String(n)), '')
    }
    expect(run()).to.include({exit: 0})
    before = inventory(join(store(), shown()[0] ?? ''))
    writeFileSync(join(docs(), 'b.txt'), 'b')
  })
  afterEach(() => screen?.close())

  function start(argv: readonly string[], under: readonly string[], columns = 120): TestScreen {
    screen = new TestScreen(argv, {columns, under, place: temporary()})
    return screen
  }

  /** A backup whose links and removals are slow; each thread removes some entries at full speed. */
  function backUp(columns: number, removal_us: number): TestScreen {
    const removal = ['-e', `inject=unlinkat:delay_enter=${removal_us}:when=8+`]
    const links = ['-e', 'inject=linkat:delay_enter=5000']
    const under = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=linkat,unlinkat']
    return start(['-b', store(), docs()], [...under, ...links, ...removal], columns)
  }

  /** The next run cleans up and loses nothing. */
  function expectWhole(): void {
    const [first = ''] = shown()
    expect(inventory(join(store(), first))).to.deep.equal(before)
    expect(run(), 'the next run').to.include({exit: 0, err: ''})
    expect(unfinished()).to.deep.equal([])
    expect(shown()).to.have.lengthOf(2)
    expectSame(docs(), join(store(), shown().at(-1) ?? '', 'docs'))
  }

  // The columns, and what is shown while the unfinished snapshot is removed.
  const widths: ReadonlyArray<[number, RegExp]> = [
    [40, /^Stopping: removing \d+ of \d+\nCtrl-C again leaves that to the next ru$/],
    [
      80,
      /^Stopping: removing the unfinished snapshot, \d+ of \d+\nCtrl-C again leaves that to the next run$/,
    ],
    [
      120,
      /^Stopping: removing the unfinished snapshot, \d+ of \d+ \(Ctrl-C again leaves that to the next run\)$/,
    ],
  ]
  for (const [columns, expected] of widths) {
    it(`removes the unfinished snapshot and shows it at ${columns} columns (slow)`, async () => {
      const running = backUp(columns, 5000)
      await running.shows(/^Linking .* left/)
      running.press('C-c')
      await running.shows(/^Stopping/, 1000)
      await running.shows(expected)
      const {exit, lines} = await running.ended()
      expect(exit).to.equal(130)
      expect(lines.join('')).to.match(/^cura-te-ipsum: stopped by SIGINT; no snapshot was made$/)
      expect(unfinished()).to.deep.equal([])
      expectWhole()
    })
  }

  for (const [what, removal_us] of [
    ['at once', 20_000],
    ['even if the disk does not answer', 5_000_000],
  ] as const) {
    it(`leaves the unfinished snapshot when pressed again, ${what} (slow)`, async () => {
      const running = backUp(120, removal_us)
      await running.shows(/^Linking .* left/)
      running.press('C-c')
      await running.shows(/^Stopping: removing the unfinished snapshot, /)
      await sleep(400)
      running.press('C-c')
      const {exit, lines} = await running.ended()
      expect(exit).to.equal(130)
      const [partial = ''] = unfinished()
      expect(partial).to.match(/^\.partial-/)
      // strace lets go of the process only after the delay, so the time says nothing. A process that
      // waits for the disk would get to say what it left.
      const report = `stopped by SIGINT; no snapshot was made; ${partial} is left for the next run`
      const isStuck = removal_us > 1_000_000
      expect(lines.join(' ').includes(report)).to.equal(!isStuck)
      expectWhole()
    })
  }

  it('stops a removal, and the next run finishes it (slow)', async () => {
    expect(run('--no-prune')).to.include({exit: 0})
    const [, newest = ''] = shown()
    const argv = ['prune', '-b', store(), '--keep-last', '1']
    const running = start(argv, slow('unlinkat', 5000))
    await running.shows(/^Removing snapshot 1 of 1 .* left/)
    running.press('C-c')
    await running.shows(/^Stopping: the next run removes the rest|stopped by SIGINT/)
    expect((await running.ended()).exit).to.equal(130)
    expect(shown()).to.deep.equal([newest])
    expect(unfinished()).to.have.lengthOf(1)
    expect(runProgram(argv)).to.include({exit: 0, err: ''})
    expect(unfinished()).to.deep.equal([])
    expectSame(docs(), join(store(), newest, 'docs'))
  })
})
