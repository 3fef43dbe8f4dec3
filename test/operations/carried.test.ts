// Sources that cannot be read, next to readable ones: they are carried over and named.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import type {BackupOptions} from '../../src/operations/backup.js'
import {CuraError} from '../../src/base/errors.js'
import {parseMarker, type MarkerSource} from '../../src/store/marker.js'
import {policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {findProgram} from '../../src/engine/external/programs.js'
import {inventory} from '../native/inventory.js'
import {asNobody, runProgram} from '../native/programs.js'
import {isRoot, python, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const hasRsync = findProgram('rsync', process.env.PATH ?? '') !== null
const hasStrace = existsSync('/usr/bin/strace')
const hasBindfs = existsSync('/usr/bin/bindfs')

describe('a source that cannot be read', () => {
  const {docs, store, path, backUp, snapshot, later} = workshop()
  const operands = (): string[] => [docs(), path('usb'), path('file')]

  beforeEach(() => {
    mkdirSync(path('usb', 'sub', 'deep'), {recursive: true})
    writeFileSync(path('usb', 'u'), 'usb')
    sh('ln', path('usb', 'u'), path('usb', 'sub', 'v'))
    writeFileSync(path('usb', 'sub', 'deep', 'w'), 'deep')
    python(path('usb'), `for d in ['.', 'sub', 'sub/deep']: os.setxattr(d, 'user.kept', b'1')`)
    writeFileSync(path('file'), 'a file')
    writeFileSync(docs('a'), 'a')
  })

  const sourcesIn = (name: string): readonly MarkerSource[] =>
    parseMarker(readFileSync(store(name, '.backup_finished'))).marker?.sources ?? []
  const carriedIn = (name: string): string[] =>
    sourcesIn(name).flatMap(({name: source, carried}) => (carried === true ? [source] : []))
  const tree = (name: string, source: string): unknown =>
    inventory(store(name))
      .filter((item) => item.path.startsWith(source))
      .map((item) => ({...item, ino: null}))

  async function refusal(options: Partial<BackupOptions>): Promise<CuraError> {
    const error: unknown = await backUp(options).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CuraError)
    return error as CuraError
  }

  // The engines, which must all give the same result.
  const ways: ReadonlyArray<readonly [string, Partial<BackupOptions>]> = [
    ['natively', {}],
    ['with cp', {external: {rsync: false, hardlink: true}}],
    ...(hasRsync ? [['with rsync', {external: {rsync: true, hardlink: false}}] as const] : []),
  ]
  for (const [way, how] of ways) {
    it(`is carried over while the others are backed up, ${way}`, async () => {
      const first = await snapshot({operands: operands(), ...how})
      renameSync(path('usb'), path('away'))
      rmSync(path('file'))
      writeFileSync(docs('b'), 'b')
      const result = await backUp({operands: operands(), ...how})
      const second = String(result.snapshot)
      expect(result).to.include({exit: 3})
      expect(result.carried.map(({name, code, from}) => `${name} ${code} ${String(from)}`)).to.eql([
        `usb ENOENT ${first}`,
        `file ENOENT ${first}`,
      ])
      expect(result.failures).to.include({errors: 2, warnings: 0})
      expect(result.changes).to.include({new: 1, deleted: 0})
      expect(readdirSync(store(second, 'docs'))).to.deep.equal(['a', 'b'])
      expect(carriedIn(second).sort()).to.deep.equal(['file', 'usb'])
      expect(tree(second, 'usb')).to.deep.equal(tree(first, 'usb'))
      expect(statSync(store(second, 'usb', 'u')).ino).to.equal(
        statSync(store(first, 'usb', 'u')).ino,
      )
      expect(statSync(store(second, 'file')).ino).to.equal(statSync(store(first, 'file')).ino)
      // Without further changes no snapshot is made, but the source is named again.
      expect(await backUp({operands: operands(), ...how})).to.include({snapshot: null, exit: 3})
      renameSync(path('away'), path('usb'))
      writeFileSync(path('file'), 'back')
      const back = await backUp({operands: operands(), ...how})
      expect(back).to.include({exit: 0, previous: second})
      expect(carriedIn(String(back.snapshot))).to.deep.equal([])
    })

    it(`is carried over if it was emptied, ${way} (slow)`, async () => {
      const first = await snapshot({operands: operands(), ...how})
      sh('rm', '-r', path('usb'))
      mkdirSync(path('usb'))
      const same = await backUp({operands: operands(), ...how})
      expect(same).to.include({snapshot: null, exit: 3})
      expect(same.carried.map(({name, code}) => `${name} ${code}`)).to.deep.equal(['usb EMPTIED'])
      writeFileSync(docs('b'), 'b')
      const second = await snapshot({operands: operands(), ...how})
      expect(carriedIn(second)).to.deep.equal(['usb'])
      expect(tree(second, 'usb')).to.deep.equal(tree(first, 'usb'))
      const empty = await backUp({operands: operands(), allowEmpty: true, ...how})
      expect(empty).to.include({exit: 0})
      expect(readdirSync(store(String(empty.snapshot), 'usb'))).to.deep.equal([])
    })

    it(`is never carried over from an older snapshot than its newest, ${way}`, async () => {
      await snapshot({operands: operands()})
      writeFileSync(path('usb', 'u'), 'newer')
      const newest = await snapshot({operands: [path('usb')]})
      writeFileSync(docs('a'), 'newer')
      await snapshot({operands: [docs()]})
      renameSync(path('usb'), path('away'))
      writeFileSync(docs('a'), 'newest of all')
      const both = {operands: [docs(), path('usb')], ...how}
      if (how.external?.rsync === true) {
        const {code, message} = await refusal(both)
        expect(code).to.equal('failed')
        expect(message)
          .to.include(`cannot keep it as in ${newest}`)
          .and.match(/Leave out .*usb/)
        return
      }
      const result = await backUp(both)
      expect(result).to.include({exit: 3})
      expect(result.carried.map(({from}) => from)).to.deep.equal([newest])
      const last = String(result.snapshot)
      expect(readFileSync(store(last, 'docs', 'a'), 'utf8')).to.equal('newest of all')
      expect(readFileSync(store(last, 'usb', 'u'), 'utf8')).to.equal('newer')
    })

    it(`is named if no snapshot holds it, ${way}`, async () => {
      const none = path('none')
      const result = await backUp({operands: [docs(), none], ...how})
      expect(result).to.include({exit: 3})
      expect(result.carried.map(({from}) => from)).to.deep.equal([null])
      expect(sourcesIn(String(result.snapshot)).map(({name}) => name)).to.deep.equal(['docs'])
      // So its first snapshot is made, although nothing else has changed.
      mkdirSync(none)
      expect((await backUp({operands: [docs(), none], ...how})).snapshot).to.be.a('string')
    })

    it(`is refused if no other source can be read, ${way}`, async () => {
      await snapshot({operands: operands(), ...how})
      sh('rm', '-r', path('usb'), path('file'))
      const missing = [path('usb'), path('file')]
      expect(await refusal({operands: missing, ...how})).to.include({code: 'failed'})
      expect((await refusal({operands: missing, ...how})).message).to.match(
        /no such source: \S*usb\b.*; there is no such source: \S*file\b/, // all are named
      )
      mkdirSync(path('usb'))
      for (const some of [[path('usb')], missing]) {
        expect((await refusal({operands: some, ...how})).message).to.match(/usb is empty now/)
      }
    })
  }

  it('does not displace its real snapshots in retention', async () => {
    const pruning = {policy: policyFrom({'keep-last': '2'}), zone: localZone}
    const names = [await snapshot({operands: operands(), pruning})]
    writeFileSync(path('usb', 'u'), 'newer')
    names.push(await snapshot({operands: operands(), pruning}))
    renameSync(path('usb'), path('away'))
    for (const content of ['1', '22', '333']) {
      writeFileSync(docs('a'), content)
      names.push(await snapshot({operands: operands(), pruning}))
    }
    const kept = storedIn(store()).sort()
    // The two newest of docs, and the two newest with real data of usb.
    expect(kept).to.deep.equal([names[0], names[1], names[3], names[4]])
  })

  it('is carried over if its server died (needs root and bindfs)', async function () {
    if (!isRoot || !hasBindfs) this.skip()
    const mounted = path('mounted')
    mkdirSync(mounted)
    sh('bindfs', '--no-allow-other', path('usb'), mounted)
    later(() => sh('umount', '-l', mounted))
    const first = await snapshot({operands: [docs(), mounted]})
    const pid = sh('pgrep', '-f', `bindfs.*${mounted}`).trim().split('\n')[0] ?? ''
    process.kill(Number(pid), 'SIGKILL')
    writeFileSync(docs('b'), 'b')
    const result = await backUp({operands: [docs(), mounted]})
    expect(result.carried.map(({name, code}) => `${name} ${code}`).join()).to.match(
      /^mounted (ENOTCONN|ECONNABORTED)$/, // the latter while its end is on the way
    )
    expect(tree(String(result.snapshot), 'mounted')).to.deep.equal(tree(first, 'mounted'))
  })

  it('is backed up except for a dead mount inside it (needs root and bindfs)', async function () {
    if (!isRoot || !hasBindfs) this.skip()
    const mounted = path('usb', 'mounted')
    mkdirSync(mounted)
    mkdirSync(path('far'))
    writeFileSync(path('far', 'f'), 'far')
    sh('bindfs', '--no-allow-other', path('far'), mounted)
    later(() => sh('umount', '-l', mounted))
    const first = await snapshot({operands: operands()})
    const pid = sh('pgrep', '-f', `bindfs.*${mounted}`).trim().split('\n')[0] ?? ''
    process.kill(Number(pid), 'SIGKILL')
    writeFileSync(path('usb', 'new'), 'new')
    const result = await backUp({operands: operands()})
    expect(result).to.include({exit: 3})
    expect(result.carried).to.deep.equal([])
    expect(result.failures.list.map((failure) => failure.path.toString())).to.eql(['usb/mounted'])
    const second = String(result.snapshot)
    expect(readFileSync(store(second, 'usb', 'new'), 'utf8')).to.equal('new')
    expect(tree(second, 'usb/mounted')).to.deep.equal(tree(first, 'usb/mounted'))
  })

  // The call that fails at the top of the source, and its error.
  for (const [call, code] of [
    ['getdents64', 'EIO'],
    ['getdents64', 'ESTALE'],
    ['openat', 'ETIMEDOUT'],
    ['openat', 'EACCES'],
  ] as const) {
    it(`is carried over as a whole if ${call} fails with ${code} (needs strace)`, async function () {
      if (!hasStrace) this.skip()
      const first = await snapshot({operands: operands()})
      writeFileSync(docs('b'), 'b')
      writeFileSync(path('usb', 'new'), 'not to be seen')
      const inject = [`trace=${call}`, `inject=${call}:error=${code}`].flatMap((e) => ['-e', e])
      const under = ['strace', '-f', '-o', path('trace'), '-P', path('usb'), ...inject]
      const {exit, err} = runProgram(['backup', '-b', store(), ...operands()], {under})
      expect(err).to.include(code).and.include(`usb is kept as in ${first}`)
      expect(exit).to.equal(3)
      const second = storedIn(store()).sort().at(-1) ?? ''
      expect(carriedIn(second)).to.deep.equal(['usb'])
      expect(tree(second, 'usb')).to.deep.equal(tree(first, 'usb'))
      expect(readdirSync(store(second, 'docs'))).to.deep.equal(['a', 'b'])
    })
  }

  it('is carried over if the user may not read it (needs root)', function () {
    if (!isRoot) this.skip()
    sh('chmod', '755', path())
    sh('chown', '-R', 'nobody', store(), docs(), path('usb'))
    const run = () => runProgram(['backup', '-b', store(), docs(), path('usb')], {under: asNobody})
    expect(run().exit).to.equal(0)
    writeFileSync(docs('b'), 'b')
    sh('chown', '0', path('usb'))
    sh('chmod', '700', path('usb'))
    const {exit, err} = run()
    expect(err).to.match(/usb cannot be read: permission denied \(EACCES\); usb is kept as in/)
    expect(exit).to.equal(3)
    expect(carriedIn(storedIn(store()).sort().at(-1) ?? '')).to.deep.equal(['usb'])
  })
})
