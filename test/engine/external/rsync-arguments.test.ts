// The arguments of rsync in each stage.
import {expect} from 'chai'
import {
  nothing,
  rsyncArguments,
  type RsyncRun,
  type RsyncSource,
} from '../../../src/engine/external/rsync-arguments.js'

describe('external/rsync-arguments', () => {
  const source: RsyncSource = {
    name: 'docs',
    typed: '/a/docs',
    operand: '/a/docs/',
    base: {operand: '/a/docs/', prefix: ''},
    root: '/a/docs',
    isRemote: false,
    isDirectory: true,
    storeInside: null,
  }
  const rsync = {path: '/usr/bin/rsync', options: ['-A', '-XX']}

  const into = '.partial-x'

  it('end with -- and two operands', () => {
    const runs: RsyncRun[] = [
      {source, into, stage: 'compare'},
      {source, into, stage: 'file', linkFrom: null},
      {source, into, stage: 'listed', linkFrom: 'previous', names: ['a']},
      {source, into, stage: 'root'},
      {source, into, stage: 'look'},
    ]
    for (const run of runs) {
      const args = rsyncArguments(run, rsync)
      expect(args.slice(-3)).to.deep.equal(['--', '/a/docs/', './.partial-x/docs/'])
      expect(args).to.include.members(['-lptgoDHS', '-A', '-XX', '-8', '-ii'])
      const isDry = run.stage === 'compare' || run.stage === 'look'
      expect(args.includes('-n'), run.stage).to.equal(isDry)
    }
  })

  it('link to the previous snapshot by a path relative to the destination', () => {
    const run = {source, into, stage: 'listed', linkFrom: 'previous', names: []} as const
    expect(rsyncArguments(run, rsync)).to.include('--link-dest=../../previous/docs')
    const file = {...source, isDirectory: false, operand: '/a/docs'}
    const args = rsyncArguments({source: file, into, stage: 'file', linkFrom: 'previous'}, rsync)
    expect(args).to.include('--link-dest=../previous')
    expect(args.at(-1)).to.equal('./.partial-x/docs')
    const first = rsyncArguments({source: file, into: nothing, stage: 'compare'}, rsync)
    expect(first.at(-1)).to.equal(`./${nothing}/docs/`)
  })

  for (const [inside, rule] of [
    ['plain/store', '/plain/store/'],
    ['back\\slash', '/back\\slash/'],
    ['a*b?[c]\\d', '/a\\*b\\?\\[c]\\\\d/'],
  ] as const) {
    it(`exclude a store called ${inside}`, () => {
      const run = {source: {...source, storeInside: inside}, into, stage: 'compare'} as const
      expect(rsyncArguments(run, rsync)).to.include(`--exclude=${rule}`)
    })
  }
})
