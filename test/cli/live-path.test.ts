// Operands with a path relative to the working directory.
import {mkdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {livePath} from '../../src/cli/live-path.js'
import {runProgram} from '../native/programs.js'
import {workshop} from '../native/workshop.js'

const table: ReadonlyArray<[typed: string, meant: string]> = [
  ['.', '/home/ann'],
  ['..', '/home'],
  ['./a', '/home/ann/a'],
  ['../bob/x/', '/home/bob/x'],
  ['latest:./a', 'latest:/home/ann/a'],
  ['latest~1:..', 'latest~1:/home'],
  ['/srv/./a', '/srv/./a'],
  ['/srv/a:./b', '/srv/a:./b'],
  ['docs/a', 'docs/a'],
  ['latest:docs/../a', 'latest:docs/../a'],
  ['.bashrc', '.bashrc'],
  ['latest', 'latest'],
]

describe('live-path', () => {
  const {docs, path, store, snapshot} = workshop()

  for (const [typed, meant] of table) {
    it(`takes ${typed} for ${meant}`, () => {
      expect(livePath(typed, () => '/home/ann')).to.equal(meant)
    })
  }

  it('asks for the working directory only if needed', () => {
    const fail = (): never => {
      throw new Error('there is none')
    }
    expect(livePath('latest:docs', fail)).to.equal('latest:docs')
    expect(() => livePath('./a', fail)).to.throw('there is none')
  })

  it('is what commands accept', async () => {
    mkdirSync(docs('in'))
    writeFileSync(docs('in/a'), 'a')
    await snapshot()
    writeFileSync(docs('in/b'), 'b')
    await snapshot()
    const under = ['sh', '-c', `cd '${docs('in')}' && exec "$@"`, 'sh']
    const run = (...argv: string[]) => runProgram([...argv.slice(0, 1), '-b', store(), ...argv.slice(1)], {under}).out // prettier-ignore
    expect(run('ls', '.')).to.equal('a\nb\n')
    expect(run('ls', 'oldest:..')).to.equal('in/\n')
    expect(run('history', './a')).to.match(/^docs\/in\/a\n/)
    expect(run('diff', '--name-only', '../in')).to.equal('docs/in/b\n')
    expect(run('digests', './a')).to.match(/ {2}docs\/in\/a\n$/)
    expect(path()).to.not.equal('')
  })
})
