// The built program as a process: its exit codes and its two output streams.
import {spawnSync} from 'node:child_process'
import {closeSync, mkdirSync, openSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {commandNames} from '../../src/cli/command-names.js'
import {withLock} from '../../src/store/lock.js'
import {openStore} from '../../src/store/store.js'
import {version} from '../../src/base/package.js'
import {program, runProgram} from '../native/programs.js'
import {expectSame} from '../native/snapshots.js'
import {storeAndDocs} from '../support/temporary.js'
import {storedIn} from '../support/stored.js'

interface Run {
  readonly exit: number | null
  readonly out: string
  readonly err: string
}

function run(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Run {
  const {PATH, HOME} = process.env
  const env = {PATH, HOME, ...environment}
  const {status, stdout, stderr} = spawnSync(process.execPath, [program, ...argv], {
    env,
    encoding: 'utf8',
    input: '',
  })
  return {exit: status, out: stdout, err: stderr}
}

describe('cli', () => {
  const {temporary, store, docs} = storeAndDocs()

  it('reports a store whose disk does not answer (needs strace)', function () {
    if (process.platform !== 'linux') this.skip()
    const onlyStore = ['-P', store(), '-e', 'trace=getdents64']
    const under = ['strace', '-f', '-qq', '-o', '/dev/null', ...onlyStore]
    const argv = ['status', '-b', store()]
    expect(runProgram(argv, {under}), 'the control').to.include({exit: 3, err: ''})
    const failing = [...under, '-e', 'inject=getdents64:error=EIO']
    const {exit, err} = runProgram(argv, {under: failing})
    expect(exit).to.equal(1)
    expect(err).to.match(/the store .*store cannot be read: .*(EIO|input\/output error)/i)
  })

  for (const flag of ['--version', '-V', 'version']) {
    it(`prints its version for ${flag}`, () => {
      expect(run([flag])).to.deep.equal({exit: 0, out: `cura-te-ipsum ${version()}\n`, err: ''})
    })
  }

  for (const argv of [['--help'], ['-h'], ['backup', '--help'], ['status', '--help']]) {
    it(`prints help: ${argv.join(' ')}`, () => {
      const {exit, out, err} = run(argv)
      expect(exit).to.equal(0)
      expect(out).to.match(/USAGE\n {2}\$ cura-te-ipsum/)
      expect(err).to.equal('')
    })
  }

  it('says how to begin, and which commands there are, in a dozen lines', () => {
    const {exit, out, err} = run([])
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    const lines = out.trimEnd().split('\n')
    expect(lines).to.have.lengthOf.at.most(13)
    for (const line of lines) expect(line).to.have.lengthOf.below(80)
    for (const name of commandNames) expect(out).to.match(new RegExp(`\\b${name}\\b`))
    expect(out).to.match(/mkdir -m 700 .*\n.* backup -b .*\n.* status -b .*\n.* restore -b /)
  })

  // The command line, the exit code, and the line on stderr.
  const wrong: ReadonlyArray<[() => string[], number, RegExp]> = [
    [() => ['frob'], 2, /There is no command "frob"/],
    [() => ['status'], 2, /No store given: add -b STORE/],
    [() => ['backup', '-b', store()], 2, /no source/],
    [() => ['-b', store()], 2, /no source/],
    [() => ['-b', store(), '--bogus', docs()], 2, /backup has no flag --bogus/],
    [() => ['status', '-b', store(), 'more'], 2, /"more" is one word too many/],
    [() => ['-b', store(), docs(), `docs=${docs()}`], 2, /two sources are called "docs"/],
    [() => ['-b', join(store(), 'none'), docs()], 10, /there is no directory/],
    [() => ['status', '-b', join(store(), 'none')], 10, /there is no directory/],
    [() => ['-b', store(), join(docs(), 'none')], 1, /there is no such source/],
    [
      () => ['-b', store(), '--quick-check', '--checksum', docs()],
      2,
      /--quick-check and --checksum contradict each other/,
    ],
    [() => ['-b', store(), store()], 2, /lies in the store/],
  ]
  for (const [argv, exit, message] of wrong) {
    it(`fails with ${exit}: ${message.source}`, () => {
      const result = run(argv())
      expect(result.err).to.match(new RegExp(`^cura-te-ipsum: .*${message.source}.*\n$`))
      expect(result).to.include({exit, out: ''})
    })

    it(`fails with ${exit} in JSON: ${message.source}`, () => {
      const result = run([...argv(), '--json'])
      const error = JSON.parse(result.out) as Record<string, unknown>
      expect(Object.keys(error).slice(-3)).to.deep.equal(['code', 'message', 'exit'])
      expect(error).to.include({exit})
      expect(error.message).to.match(message)
      expect(result).to.include({exit, err: ''})
    })
  }

  it('backs up in both forms, and reports it in a few lines', () => {
    const made = run(['-b', store(), docs()])
    expect(made).to.include({exit: 0, err: ''})
    expect(made.out).to.match(
      /^Snapshot .* is complete: 1 file, 1 B, in .*\n.*First snapshot: .*\n$/,
    )
    const again = run(['backup', '-b', store(), docs()])
    expect(again).to.include({exit: 0, err: ''})
    expect(again.out).to.match(/^Nothing has changed since .*: no snapshot was made\.\n$/)
    expect(storedIn(store())).to.have.lengthOf(1)
  })

  it('is restored by copying', () => {
    mkdirSync(join(docs(), 'dir'))
    writeFileSync(join(docs(), 'dir', 'b.txt'), 'b', {mode: 0o640})
    run(['-b', store(), docs()])
    const [made = ''] = storedIn(store())
    spawnSync('cp', ['-a', join(store(), made, 'docs'), join(temporary(), 'restored')])
    expectSame(docs(), join(temporary(), 'restored'))
  })

  it('prints nothing with -q, and names changes with -v', () => {
    expect(run(['-n', '-q', '-b', store(), docs()])).to.deep.equal({exit: 0, out: '', err: ''})
    const {out} = run(['-v', '-b', store(), docs()])
    expect(out).to.match(/^new {7}file {11}1 B {2}docs\/a\.txt$/m)
    writeFileSync(join(docs(), 'b'), '')
    expect(run(['-q', '-b', store(), docs()])).to.deep.equal({exit: 0, out: '', err: ''})
    expect(storedIn(store())).to.have.lengthOf(2)
  })

  it('makes its snapshot even if its output cannot be written, and reports that once (slow)', () => {
    for (let n = 0; n < 2500; ++n) writeFileSync(join(docs(), String(n)), '')
    const full = openSync('/dev/full', 'w')
    try {
      for (const argv of [['-v'], ['-v', '--json'], []]) {
        writeFileSync(join(docs(), 'a.txt'), argv.join(' '))
        const command = [program, 'backup', ...argv, '-b', store(), docs()]
        const {stderr} = spawnSync(process.execPath, command, {
          stdio: ['ignore', full, 'pipe'],
          encoding: 'utf8',
        })
        expect(stderr).to.match(/^cura-te-ipsum: the output could not be written: .*ENOSPC.*\n$/)
      }
    } finally {
      closeSync(full)
    }
    const made = storedIn(store()).sort()
    expect(made).to.have.lengthOf(3)
    for (const name of made) expect(name).to.match(/^\d{4}-/)
    expect(run(['-b', store(), docs()]).out).to.include('Nothing has changed')
  })

  it('prints one JSON object, with changes if they are asked for', () => {
    const dry = JSON.parse(run(['-n', '-b', store(), docs(), '--json']).out) as object
    expect(dry).to.include({made: false, dry_run: true, differs: true, snapshot: null, exit: 0})
    expect(dry).to.have.deep.property('changes').that.deep.includes({
      kind: 'new',
      type: 'file',
      path: 'docs/a.txt',
      bytes: 1,
    })
    const result = JSON.parse(run(['-b', store(), docs(), '--json']).out) as object
    expect(result).to.include({made: true, exit: 0}).and.not.to.have.property('changes')
    const found = JSON.parse(run(['status', '-b', store(), '--json']).out) as object
    expect(found).to.have.nested.property('snapshots[0].finished', true)
    expect(found).to.have.nested.property('last_success.name')
  })

  it('needs no home directory', () => {
    const home = join(temporary(), 'no', 'home')
    writeFileSync(join(temporary(), 'no'), 'a file is in the way')
    expect(run(['prune', '-b', store()], {HOME: home})).to.include({exit: 0, err: ''})
  })

  it('reads flags from the environment', () => {
    const environment = {CURA_BACKUPS_DIR: store(), CURA_DRY_RUN: '1', CURA_JSON: '1'}
    const {out} = run(['backup', docs()], environment)
    expect(JSON.parse(out)).to.include({dry_run: true, exit: 0})
    const tagged = run(['backup', docs()], {...environment, CURA_DRY_RUN: '', CURA_TAG: 'a,b'})
    expect(tagged.exit).to.equal(0)
    const {out: found} = run(['status'], environment)
    expect(JSON.parse(found)).to.have.deep.nested.property('snapshots[0].marker.tags', ['a', 'b'])
  })

  it('prints status as text', () => {
    expect(run(['status', '-b', store()]).out).to.match(/^Store [^\n]*\n[^]* free of /)
    run(['-b', store(), docs(), '--tag', 'x'])
    const {out} = run(['status', '-b', store()])
    expect(out).to.match(/^SNAPSHOT {13}/m)
    expect(out).to.match(/ #x,/)
  })

  it('distinguishes work in progress from leftovers', async () => {
    mkdirSync(join(store(), '.partial-2025-01-01_00-00-00'))
    const status = (): string => run(['status', '-b', store()]).out
    const opened = openStore(store())
    const options = {force: false, now: new Date(), signal: new AbortController().signal}
    await withLock(opened, options, () => {
      expect(status())
        .to.match(/^Locked by process \d+/m)
        .and.match(/^Work in progress: \.partial-2025-01-01_00-00-00\.$/m)
      return Promise.resolve()
    })
    opened.close()
    expect(status())
      .to.match(/^Left by an interrupted run: \.partial-2025-01-01_00-00-00\.$/m)
      .and.not.match(/Locked/)
  })
})
