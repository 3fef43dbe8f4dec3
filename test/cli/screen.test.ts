// The progress of the built program on a terminal, at several widths and while it is resized.
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram} from '../native/programs.js'
import {hasTmux, slow, TestScreen} from '../support/screen.js'
import {storeAndDocs} from '../support/temporary.js'

/** Wide characters, control characters, and an escape sequence. */
const oddNames = ['語'.repeat(60), 'a\u001b[2Jb', 'new\nline', '🙂'.repeat(40)]

describe('the screen (needs tmux and strace)', () => {
  const {temporary, store, docs} = storeAndDocs()
  let screen: TestScreen | undefined

  beforeEach(function () {
    if (!hasTmux || process.platform !== 'linux') this.skip()
    for (const name of oddNames) {
      mkdirSync(join(docs(), name))
      for (let n = 0; n < 100; n += 1) writeFileSync(join(docs(), name, String(n)), '')
    }
    expect(runProgram(['-b', store(), docs()])).to.include({exit: 0})
    writeFileSync(join(docs(), 'b.txt'), 'b')
  })
  afterEach(() => screen?.close())

  /** A backup on a disk on which each link takes so long. */
  function backUp(columns: number, ...variables: string[]): TestScreen {
    const under = slow('linkat', 15_000)
    screen = new TestScreen(['-b', store(), docs()], {
      ...{columns, under, variables},
      place: temporary(),
    })
    return screen
  }

  // The columns, and the first line.
  const widths: ReadonlyArray<[number, RegExp]> = [
    [40, /^Linking +\d+% {2}[█▉▊▋▌▍▎▏·]{10} {2}\d:\d\d left$/],
    [80, /^Linking +\d+% {2}[█▉▊▋▌▍▎▏·]{10} {2}\d:\d\d left {2}[\d,]+ of 407 entries$/],
    [120, /^Linking +\d+% {2}[█▉▊▋▌▍▎▏·]{10} {2}\d:\d\d left {2}[\d,]+ of 407 entries$/],
  ]
  for (const [columns, expected] of widths) {
    it(`shows the progress at ${columns} columns, and removes it at the end (slow)`, async () => {
      const running = backUp(columns)
      const [first, ...rest] = await running.shows(/left/)
      expect(first).to.match(expected)
      if (columns === 40) expect(rest).to.deep.equal([])
      else expect(rest.join('\n')).to.match(/^(docs|docs\/.*|….+)$/)
      expect(rest.join('\n')).not.to.match(/^Linking/)
      const {exit, lines} = await running.ended()
      expect(exit).to.equal(0)
      expect(lines[0]).to.match(/^Snapshot /)
      expect(lines.join('\n')).not.to.match(/Linking|left|[█▉▊▋▌▍▎▏·]{3}/)
    })
  }

  it('leaves nothing behind when the terminal is resized (slow)', async () => {
    const running = backUp(120)
    await running.shows(/left .* entries/)
    for (const columns of [50, 90, 30, 64]) {
      running.resize(columns)
      const lines = await running.shows(columns < 60 ? /left\s*$/ : /left .* entries/)
      expect(lines.join('\n').match(/left/g), `at ${columns}`).to.have.lengthOf(1)
    }
    const {exit, lines} = await running.ended()
    expect(exit).to.equal(0)
    expect(lines.join('\n'))
      .to.match(/^Snapshot /)
      .and.not.to.match(/Linking|left/)
  })

  it('has no bar in a locale without UTF-8 (slow)', async () => {
    const [first = ''] = await backUp(80, 'LC_ALL=C').shows(/left/)
    expect(first).to.match(/^Linking +\d+% {2}\d:\d\d left {2}[\d,]+ of 407 entries$/)
  })

  it('has no progress on a dumb terminal (slow)', async () => {
    const running = backUp(80, 'TERM=dumb')
    const seen: string[] = []
    const ended = running.ended()
    const watch = setInterval(() => seen.push(...running.lines()), 100)
    const {exit} = await ended
    clearInterval(watch)
    expect(exit).to.equal(0)
    expect(seen.length).to.be.above(5)
    expect(seen.join('\n')).not.to.match(/Linking|Scanning/)
  })
})
