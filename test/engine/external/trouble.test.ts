// Problems with other programs: missing, old, stopped or killed ones, and entries that they cannot read.
import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import {parseMarker} from '../../../src/store/marker.js'
import {inventory} from '../../native/inventory.js'
import {asNobody, nobody, program, type Run} from '../../native/programs.js'
import {expectSame} from '../../native/snapshots.js'
import {isRoot, python, sh, workshop} from '../../native/workshop.js'
import {onlyPrograms, writeProgram} from '../../support/programs.js'
import {storedIn} from '../../support/stored.js'

const limit_ms = 20_000

interface Json {
  readonly made: boolean
  readonly differs: boolean
  readonly exit: number
  readonly errors: {
    readonly count: number
    readonly warnings: number
    readonly list: ReadonlyArray<{path: string; code: string; warning: boolean}>
  }
}

describe('trouble with external programs', () => {
  const {docs, store, path, storeInventory, newest} = workshop()
  const bin = (): string => path('bin')
  const wrapped = (): string => `${bin()}:${String(process.env.PATH)}`

  beforeEach(() => {
    mkdirSync(docs('sub'))
    for (const name of ['a', 'b', 'sub/c']) writeFileSync(docs(name), name)
  })

  interface Options {
    readonly searchPath?: string
    readonly under?: readonly string[]
  }

  function run(argv: readonly string[], {searchPath, under = []}: Options = {}): Run {
    const [command = '', ...args] = [...under, process.execPath, program, '-b', store(), ...argv]
    const {status, signal, stdout, stderr} = spawnSync(command, args, {
      env: {HOME: process.env.HOME, PATH: searchPath ?? process.env.PATH},
      encoding: 'utf8',
      input: '',
      timeout: limit_ms,
      killSignal: 'SIGKILL',
    })
    return {exit: status, signal, out: stdout, err: stderr}
  }

  const rsync = (searchPath?: string): Run =>
    run(['--external-rsync', docs()], searchPath === undefined ? {} : {searchPath})

  /** Makes a first snapshot, and edits for a second one. */
  function oneSnapshot(): void {
    expect(rsync()).to.include({exit: 0, err: ''})
    writeFileSync(docs('new'), 'new')
  }

  // The flags, the programs in PATH, the message.
  const missing: ReadonlyArray<[string[], string[], RegExp]> = [
    [['--external-rsync'], ['cp'], /--external-rsync needs rsync, but there is none in PATH/],
    [['--external-hardlink'], ['rsync'], /--external-hardlink needs cp, but there is none in PATH/],
    [['--external-rsync', '--external-hardlink'], ['rsync'], /needs cp, but there is none/],
  ]
  for (const [flags, programs, message] of missing) {
    it(`ends the run before it begins: ${message.source}`, () => {
      oneSnapshot()
      const before = inventory(store())
      const result = run([...flags, docs()], {searchPath: onlyPrograms(bin(), programs)})
      expect(result).to.include({exit: 1, out: ''})
      expect(result.err).to.match(message)
      expect(inventory(store()), 'no lock either').to.deep.equal(before)
    })
  }

  for (const [version, message] of [
    [
      'rsync  version 2.6.9  protocol version 29',
      /is version 2\.6\.9, but --external-rsync needs 3\.1/,
    ],
    ['openrsync: protocol version 29', /is openrsync/],
  ] as const) {
    it(`refuses ${version}`, () => {
      writeProgram(bin(), 'rsync', `echo "$*" >> ${path('calls')}; echo "${version}"`)
      const result = rsync(wrapped())
      expect(result).to.include({exit: 1, out: ''})
      expect(result.err).to.match(message)
      expect(readFileSync(path('calls'), 'utf8')).to.equal('--version\n')
      expect(storedIn(store())).to.deep.equal([])
    })
  }

  const copying = 'case "$*" in *--ignore-existing*)'
  const say = (text: string): string => `echo '${text}' >&2`
  const full = say('rsync: [receiver] write failed on "/x/y": No space left on device (28)')
  // What rsync does instead of copying, the exit code, the message.
  const endings: ReadonlyArray<[string, number, RegExp]> = [
    [`${full}; exit 11`, 4, /the store is full.*No space left/],
    [`${full}; exit 23`, 4, /the store is full/],
    [`${say('rsync: connection unexpectedly closed')}; exit 12`, 1, /status 12: rsync: connection/],
    [`${say('rsync error: timeout in data (code 30)')}; exit 30`, 1, /status 30: rsync error: timeout/],
    [`${say('rsync: [generator] mkdir "/x" failed: Read-only file system (30)')}; exit 23`, 1, /cannot write to the store/],
    ['kill -9 $$', 1, /killed by SIGKILL/],
    ["printf '\\033[2J' >&2; exit 5", 1, /status 5: \\x1b\[2J/],
  ] // prettier-ignore
  for (const [script, exit, message] of endings) {
    it(`publishes nothing if rsync fails: ${message.source}`, () => {
      oneSnapshot()
      const before = storeInventory()
      writeProgram(bin(), 'rsync', `${copying} ${script};; esac\nexec "$REAL" "$@"`)
      const result = rsync(wrapped())
      expect(result.err)
        .to.match(message)
        .and.match(
          exit === 4 ? /no snapshot was made\. No snapshot may/ : /no snapshot was made\n$/,
        )
      expect(result).to.include({exit, out: ''})
      expect(storeInventory()).to.deep.equal(before)
    })
  }

  it('publishes nothing if the dry run of rsync fails, and does not call it again', () => {
    writeProgram(
      bin(),
      'rsync',
      `case "$*" in --version) ;; *) echo "$*" >> ${path('calls')}; exit 12;; esac\nexec "$REAL" "$@"`,
    )
    expect(rsync(wrapped())).to.include({exit: 1, out: ''})
    expect(readFileSync(path('calls'), 'utf8').split('\n')).to.have.lengthOf(2)
    expect(storedIn(store())).to.deep.equal([])
  })

  it('publishes nothing if cp fails (slow)', () => {
    oneSnapshot()
    const before = storeInventory()
    for (const [text, exit] of [
      ['cp: cannot create hard link: Too many links', 1],
      ["cp: cannot create directory './x': No space left on device", 4],
    ] as const) {
      writeProgram(bin(), 'cp', `mkdir -p "$4"; echo "${text}" >&2; exit 1`)
      for (const flags of [['--external-hardlink'], ['--external-hardlink', '--external-rsync']]) {
        const result = run([...flags, docs()], {searchPath: wrapped()})
        expect(result).to.include({exit, out: ''})
        expect(result.err)
          .to.match(/cp could not link/)
          .and.include(text)
        expect(storeInventory()).to.deep.equal(before)
      }
    }
  })

  it('stops rsync and removes its files if the run is stopped (slow)', async () => {
    oneSnapshot()
    const before = storeInventory()
    writeProgram(
      bin(),
      'rsync',
      `${copying} echo $$ > ${path('pid')}; exec sleep 60;; esac\nexec "$REAL" "$@"`,
    )
    const argv = [program, '-b', store(), '--external-rsync', docs()]
    const child = spawn(process.execPath, argv, {env: {PATH: wrapped()}, stdio: 'ignore'})
    const exit = once(child, 'exit')
    for (let waited_ms = 0; !existsSync(path('pid')) && waited_ms < limit_ms; waited_ms += 50)
      await sleep(50)
    child.kill('SIGTERM')
    expect((await exit)[0]).to.equal(143)
    const pid = readFileSync(path('pid'), 'utf8').trim()
    expect(existsSync(`/proc/${pid}`), 'rsync is gone').to.be.false
    expect(storeInventory()).to.deep.equal(before)
    expect(existsSync(store('.backups_lock'))).to.be.false
    expect(rsync()).to.include({exit: 0})
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('does not believe rsync that the source itself is deleted', () => {
    oneSnapshot()
    const lie = `*deleting   0 .///\\n*deleting   0 ../docs/a//\\n`
    writeProgram(bin(), 'rsync', `case "$*" in -n*) printf '${lie}';; esac\nexec "$REAL" "$@"`)
    expect(rsync(wrapped())).to.include({exit: 0})
    expectSame(docs(), store(newest(), 'docs'))
  })

  it('reports an entry that vanishes during the run as a warning', () => {
    oneSnapshot()
    writeFileSync(docs('b'), 'changed')
    writeProgram(bin(), 'rsync', `${copying} rm ${docs('b')};; esac\nexec "$REAL" "$@"`)
    const result = rsync(wrapped())
    expect(result).to.include({exit: 0})
    expect(result.err).to.match(/1 entry vanished during the backup:\n.*docs\/b: no such file/)
    expect(readdirSync(store(newest(), 'docs')).sort()).to.deep.equal(['a', 'new', 'sub'])
  })

  it('gives a hint for a source on another host', () => {
    for (const operand of ['nas:/srv', 'nas::mod', 'rsync://nas/mod']) {
      const {exit, err} = run([operand])
      expect(exit).to.equal(1)
      expect(err).to.match(/there is no such source.*--external-rsync/)
    }
  })

  it('reads the environment as it reads the flags', () => {
    writeProgram(bin(), 'rsync', 'exit 99')
    const env = {PATH: wrapped(), CURA_EXTERNAL_RSYNC: 'true'}
    const argv = [program, 'backup', '-b', store(), docs()]
    const {status, stderr} = spawnSync(process.execPath, argv, {env, encoding: 'utf8'})
    expect([status, stderr]).to.deep.equal([
      1,
      'cura-te-ipsum: the rsync in PATH does not report its version, but --external-rsync needs 3.1 or later: install a newer one\n',
    ])
  })

  describe('as an ordinary user', () => {
    const own = (): void => {
      if (isRoot) sh('chown', '-R', `${nobody}:${nobody}`, docs(), store())
    }
    const under = isRoot ? asNobody : []
    const json = (...flags: string[]): Json =>
      JSON.parse(run(['--json', ...flags, docs()], {under}).out) as Json
    const failed = ({errors}: Json): string[] =>
      errors.list.map(({code, path: name}) => `${code} ${name}`).sort()

    beforeEach(() => {
      chmodSync(path(), 0o755)
      own()
    })

    for (const flags of [['--external-rsync'], ['--external-rsync', '--external-hardlink']]) {
      it(`keeps unreadable entries as they were, and names them: ${flags.join(' ')} (slow)`, () => {
        expect(json(...flags)).to.include({made: true, exit: 0})
        const before = inventory(store(newest()))
        const first = newest()
        python(
          docs(),
          "open('a', 'w').write('longer')\nopen('new', 'w').write('new')\nos.mkdir('closed')\nopen('closed/x', 'w')\nopen('ok', 'w')",
        )
        own()
        for (const name of ['a', 'new', 'sub', 'closed']) chmodSync(docs(name), 0)
        const second = json(...flags)
        expect(failed(second)).to.deep.equal(
          ['a', 'closed', 'new', 'sub'].map((name) => `EACCES docs/${name}`),
        )
        expect(second).to.include({made: true, exit: 3})
        const {marker} = parseMarker(readFileSync(store(newest(), '.backup_finished')))
        expect(marker?.errors.count).to.equal(4)
        expect(inventory(store(newest(), 'docs')).map((item) => item.path)).to.deep.equal([
          'a',
          'b',
          'ok',
          'sub',
          'sub/c',
        ])
        expect(readFileSync(store(newest(), 'docs', 'a'), 'utf8')).to.equal('a')
        expect(inventory(store(first))).to.deep.equal(before)
        expect(json(...flags), 'no more snapshots for that').to.include({made: false, exit: 3})
        for (const name of ['a', 'new', 'sub', 'closed']) chmodSync(docs(name), 0o755)
        const last = run(['--json', ...flags, docs()], {under})
        expect(JSON.parse(last.out)).to.include({made: true, exit: 0})
        if (isRoot) expectSame(docs(), store(newest(), 'docs'))
      })

      it(`fills read-only directories: ${flags.join(' ')} (slow)`, () => {
        const close = (mode: number): void => {
          own()
          for (const name of ['', 'sub']) chmodSync(docs(name), mode)
        }
        close(0o555)
        expect(json(...flags)).to.include({made: true, exit: 0})
        const [first, before] = [newest(), inventory(store(newest()))]
        close(0o755)
        for (const name of ['a', 'new', 'sub/c', 'sub/new']) writeFileSync(docs(name), 'longer')
        close(0o555)
        expect(json(...flags)).to.include({made: true, exit: 0})
        expect(readFileSync(store(newest(), 'docs', 'a'), 'utf8')).to.equal('longer')
        if (isRoot) expectSame(docs(), store(newest(), 'docs'))
        expect(inventory(store(first))).to.deep.equal(before)
        close(0o755)
      })

      it(`owners that cannot be set are no change in the next run (needs root): ${flags.join(' ')}`, function () {
        if (!isRoot) this.skip()
        chownSync(docs('b'), 0, 0)
        python(
          docs(),
          "os.mkfifo('fifo')\nos.mknod('null', stat.S_IFCHR | 0o666, os.makedev(1, 3))",
        )
        expect(json(...flags)).to.include({made: true, exit: 0})
        expect(json(...flags)).to.include({made: false, exit: 0})
        expect(readdirSync(join(store(newest()), 'docs')).sort()).to.deep.equal([
          'a',
          'b',
          'fifo',
          'sub',
        ])
      })
    }
  })
})
