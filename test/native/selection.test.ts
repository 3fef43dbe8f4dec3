// Exclusions: every flag, and the effect on the snapshots before and after.
import {expect} from 'chai'
import {chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {inventory} from './inventory.js'
import {asNobody, program, runProgram, type Run} from './programs.js'
import {trace} from './traces.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const signature = 'Signature: 8a477f597d28d172789f06886806bc55'

describe('selection', () => {
  const {docs, store, path, newest, later} = workshop()

  const run = (...argv: string[]): Run => runProgram(['-b', store(), docs(), ...argv])

  /** Backs up with these flags, and returns the paths in the snapshot. */
  function kept(...argv: string[]): string[] {
    const {exit, err} = run(...argv)
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    return inventory(store(newest(), 'docs'))
      .map((item) => item.path)
      .filter((name) => name !== '')
  }

  /** Makes files that contain their own path, and the directories above them. */
  function make(...files: string[]): void {
    for (const file of files) {
      mkdirSync(docs(file, '..'), {recursive: true})
      writeFileSync(docs(file), file)
    }
  }

  const omissions = (...argv: string[]): unknown[] => {
    const {out} = run('-n', '-v', '--json', ...argv)
    return (JSON.parse(out) as {excluded: unknown[]}).excluded
  }

  describe('by patterns', () => {
    it('leaves out matching entries, below every source', () => {
      make('a.o', 'a.c', 'build/x', 'src/build/y', 'src/b.o')
      mkdirSync(path('more'))
      writeFileSync(path('more', 'c.o'), '')
      const {exit} = run(path('more'), '-e', '*.o', '-e', '/build')
      expect(exit).to.equal(0)
      const found = inventory(store(newest())).map((item) => item.path)
      expect(found.filter((name) => !name.startsWith('.') && name !== '')).to.have.members([
        ...['docs', 'docs/a.c', 'docs/src', 'docs/src/build', 'docs/src/build/y', 'more'],
      ])
    })

    it('takes pattern files first, then --exclude, then --iexclude: the last match decides', () => {
      make('one.log', 'two.log', 'THREE.LOG', 'four.Log')
      writeFileSync(path('patterns'), '# all of them\n*.log\n\n!two.log\n')
      expect(kept('--exclude-file', path('patterns'))).to.deep.equal([
        ...['THREE.LOG', 'four.Log', 'two.log'],
      ])
      expect(kept('--exclude-file', path('patterns'), '-e', '!one.log')).to.include('one.log')
      expect(kept('--iexclude', 't*.log', '-e', '!two.log')).to.deep.equal(['four.Log', 'one.log'])
    })

    it('takes patterns on the command line literally', () => {
      make('#x', 'y ', 'y', 'z')
      expect(kept('-e', '#x', '-e', 'y ')).to.deep.equal(['y', 'z'])
    })

    it('never leaves out a source itself', () => {
      make('file')
      expect(kept('-e', 'docs', '-e', 'file2')).to.deep.equal(['file'])
      const single = runProgram(['-b', store(), docs('file'), '-e', 'file'])
      expect(single.exit).to.equal(0)
      expect(existsSync(store(newest(), 'file'))).to.equal(true)
    })

    it('takes patterns from the environment, one per line', () => {
      make('a', 'b', 'c,d')
      for (const text of ['b\nc,d', 'b\r\nc,d\r\n']) {
        const command = ['env', `CURA_EXCLUDE=${text}`, process.execPath, program]
        sh(...(command as [string, ...string[]]), '-b', store(), docs())
        expect(readdirSync(store(newest(), 'docs'))).to.deep.equal(['a'])
      }
    })

    it('never reads excluded entries', () => {
      make('in', 'out/deep/file', 'out.o')
      const argv = [process.execPath, program, '-b', store(), docs(), '-e', 'out', '-e', '*.o']
      const calls = trace(path('trace'), argv)
      const about = (name: string): number =>
        calls.filter(({paths}) => paths.some((found) => found.startsWith(docs(name)))).length
      expect(about('in')).to.be.above(0)
      expect(about('out')).to.equal(0)
    })

    it('reports no errors of excluded entries', function () {
      if (isRoot) chmodSync(path(), 0o755)
      make('in', 'out/file')
      chmodSync(docs('out'), 0)
      if (isRoot) sh('chown', '-R', 'nobody:', store(), docs())
      const under = isRoot ? asNobody : []
      const argv = ['-b', store(), docs()]
      expect(runProgram(argv, {under}).exit).to.equal(3)
      expect(runProgram([...argv, '-e', 'out'], {under})).to.include({exit: 0, err: ''})
    })

    it('drops newly excluded entries from the next snapshot, and takes them again later', () => {
      make('stays', 'goes/file')
      expect(kept()).to.include('goes/file')
      const before = newest()
      expect(kept('-e', 'goes')).to.deep.equal(['stays'])
      expect(readdirSync(store(before, 'docs', 'goes'))).to.deep.equal(['file'])
      expect(run('-e', 'goes').out).to.include('Nothing has changed')
      expect(run('-n', '-e', 'goes').out).to.include('Nothing has changed')
      expect(kept()).to.include('goes/file')
    })

    it('links to the kept names of an inode, whatever its other names', () => {
      make('keep')
      python(docs(), "os.link('keep', 'drop'); os.link('keep', 'too')")
      expect(kept('-e', 'drop')).to.deep.equal(['keep', 'too'])
      const [one, two] = inventory(store(newest(), 'docs')).filter(({type}) => type === 'file')
      expect(one?.ino).to.equal(two?.ino)
      expect(run('-e', 'drop').out).to.include('Nothing has changed')
    })

    it('reports a pattern that would leave a source empty', () => {
      make('a', 'b')
      kept()
      const {exit, err} = run('-e', '*')
      expect(exit).to.equal(1)
      expect(err).to.include('does a pattern exclude too much')
    })
  })

  describe('by files in the directories', () => {
    it('applies each to everything below it, the nearest first', () => {
      make('a.o', 'b.o', 'sub/a.o', 'sub/b.o', 'sub/deep/a.o')
      writeFileSync(docs('.ignore'), '*.o\n')
      writeFileSync(docs('sub', '.ignore'), '!/a.o\n')
      expect(kept('--ignore-file', '.ignore')).to.deep.equal([
        ...['.ignore', 'sub', 'sub/.ignore', 'sub/a.o', 'sub/deep'],
      ])
      expect(kept('--ignore-file', '.ignore', '-e', '!b.o')).to.include('sub/b.o')
    })

    it('never excludes .git, and applies no rules from above to a repository', () => {
      make('file', '.git/config', 'repo/.git/config', 'repo/code.c')
      writeFileSync(docs('.gitignore'), '*\n!/repo\n')
      expect(kept('--ignore-file', '.gitignore')).to.have.members([
        ...['.git', '.git/config', 'repo', 'repo/.git', 'repo/.git/config', 'repo/code.c'],
      ])
    })

    it('names one that cannot be read, and continues without it', () => {
      make('file.o')
      python(docs(), "open('.ignore', 'wb').write(b'*.o\\n' + b'#' * (1 << 20))")
      const {exit, err} = run('--ignore-file', '.ignore')
      expect(exit).to.equal(3)
      expect(err).to.include('docs/.ignore: file too large')
      expect(existsSync(store(newest(), 'docs', 'file.o'))).to.equal(true)
    })

    it('reads one with the maximum number of lines (slow)', () => {
      make('a', 'b')
      writeFileSync(docs('.ignore'), 'a\n'.repeat((1 << 19) - 1))
      expect(kept('--ignore-file', '.ignore')).to.deep.equal(['.ignore', 'b'])
    })

    it('takes no more than 4 MiB of them at a time', () => {
      make('1/2/3/4/5/a')
      const place = ['1', '2', '3', '4', '5']
      for (let depth = 1; depth <= place.length; ++depth) {
        const file = docs(...place.slice(0, depth), '.ignore')
        writeFileSync(file, depth === 5 ? 'a\n' : `x\n${'#'.repeat((1 << 20) - 2)}`)
      }
      const {exit, err} = run('--ignore-file', '.ignore')
      expect(exit).to.equal(3)
      expect(err).to.include('docs/1/2/3/4/5/.ignore: file too large')
      expect(existsSync(store(newest(), 'docs/1/2/3/4/5/a'))).to.equal(true)
    })

    it('opens neither FIFOs nor symlinks of that name', () => {
      make('one/file.o', 'two/file.o')
      python(docs(), "os.mkfifo('one/.ignore'); os.symlink('../three', 'two/.ignore')")
      writeFileSync(docs('three'), '*.o\n')
      expect(kept('--ignore-file', '.ignore')).to.include.members(['one/file.o', 'two/file.o'])
    })
  })

  describe('by tags', () => {
    it('leaves out a cache except for its tag', () => {
      make('cache/data', 'cache/sub/data', 'other/data')
      writeFileSync(docs('cache', 'CACHEDIR.TAG'), `${signature}\n# by some program\n`)
      writeFileSync(docs('other', 'CACHEDIR.TAG'), 'Signature: none')
      expect(kept('--exclude-caches')).to.deep.equal([
        ...['cache', 'cache/CACHEDIR.TAG', 'other', 'other/CACHEDIR.TAG', 'other/data'],
      ])
    })

    it('does not mistake a FIFO for a cache tag', () => {
      make('cache/data')
      python(docs(), "os.mkfifo('cache/CACHEDIR.TAG')")
      expect(kept('--exclude-caches')).to.include('cache/data')
    })

    it('leaves out the siblings of a file of any given name', () => {
      make('a/.nobackup', 'a/data', 'b/data', 'c/skip/x', 'c/data')
      expect(
        kept('--exclude-if-present', '.nobackup', '--exclude-if-present', 'skip'),
      ).to.deep.equal(['a', 'a/.nobackup', 'b', 'b/data', 'c', 'c/skip', 'c/skip/x'])
    })
  })

  it('leaves out larger files', () => {
    python(docs(), "for n in (1000, 1023, 1024, 1025): open(str(n), 'wb').write(b'x' * n)")
    expect(kept('--exclude-larger-than', '1k')).to.deep.equal(['1000', '1023', '1024'])
    expect(kept('--exclude-larger-than', '1kB')).to.deep.equal(['1000'])
    expect(kept('--exclude-larger-than', '1.1k')).to.have.lengthOf(4)
  })

  it('leaves out files with an extended attribute', () => {
    make('a', 'b', 'dir/c')
    python(docs(), "for n in ('a', 'dir'): os.setxattr(n, 'user.nobackup', b'')")
    expect(kept('--exclude-if-xattr', 'user.nobackup')).to.deep.equal(['b'])
  })

  it('stays on one filesystem (needs root)', function () {
    if (!isRoot) this.skip()
    make('mounted/hidden', 'file', 'other')
    expect(kept()).to.include('mounted/hidden')
    const mount = (...argv: string[]): void => {
      sh('mount', ...argv)
      later(() => sh('umount', '-l', String(argv.at(-1))))
    }
    mount('-t', 'tmpfs', 'none', docs('mounted'))
    writeFileSync(docs('mounted', 'elsewhere'), '')
    mount('--bind', docs('mounted', 'elsewhere'), docs('other'))
    expect(kept('-x')).to.deep.equal(['file', 'mounted'])
    expect(run('-x').out).to.include('Nothing has changed')
    expect(omissions('-x')).to.deep.equal([
      {path: 'docs/mounted', directory: true, reason: 'filesystem'},
      {path: 'docs/other', directory: false, reason: 'filesystem'},
    ])
    expect(kept()).to.include('mounted/elsewhere')
  })

  it('does not mistake another device for another filesystem (needs root and overlayfs)', function () {
    if (!isRoot) this.skip()
    for (const name of ['lower', 'upper']) {
      mkdirSync(path(name))
      sh('mount', '-t', 'tmpfs', 'none', path(name))
      later(() => sh('umount', '-l', path(name)))
    }
    for (const name of ['lower/sub', 'upper/up', 'upper/work']) mkdirSync(path(name))
    for (const name of ['lower/a', 'lower/sub/b', 'upper/up/c']) writeFileSync(path(name), name)
    const layers = `lowerdir=${path('lower')},upperdir=${path('upper/up')},workdir=${path('upper/work')}`
    try {
      sh('mount', '-t', 'overlay', 'none', '-o', layers, docs())
    } catch {
      this.skip()
    }
    later(() => sh('umount', '-l', docs()))
    expect(kept('-x')).to.deep.equal(['a', 'c', 'sub', 'sub/b'])
  })

  describe('is reported', () => {
    const flags = (): string[] => [
      ...['-e', '*.o', '--exclude-file', path('patterns'), '--ignore-file', '.ignore'],
      ...['--exclude-caches', '--exclude-larger-than', '100', '--exclude-if-xattr', 'user.no'],
    ]
    beforeEach(() => {
      make('a.o', 'b', 'c/x', 'cache/x', 'd/sub/y', 'keep')
      writeFileSync(path('patterns'), '# first\n\nb\n')
      writeFileSync(docs('d', '.ignore'), 'sub/\n')
      writeFileSync(docs('cache', 'CACHEDIR.TAG'), signature)
      writeFileSync(docs('large'), 'x'.repeat(101))
      python(docs(), "os.setxattr('c', 'user.no', b'')")
    })

    it('entry by entry, with the rule, in a verbose dry run', () => {
      const {out} = run('-n', '-v', ...flags())
      const lines = out.split('\n').filter((line) => line.startsWith('excluded'))
      expect(lines).to.deep.equal([
        'excluded                      docs/a.o: "*.o" (--exclude)',
        `excluded                      docs/b: "b" (${path('patterns')}, line 3)`,
        'excluded  directory           docs/c: has the attribute user.no',
        'excluded  directory           docs/cache: contents excluded by CACHEDIR.TAG',
        'excluded  directory           docs/d/sub: "sub/" (docs/d/.ignore, line 1)',
        'excluded                      docs/large: larger than --exclude-larger-than',
      ])
      expect(out).to.include('\n  6 entries were excluded.\n')
    })

    it('as JSON, and as a number in the marker', () => {
      expect(omissions(...flags())).to.deep.include.members([
        {path: 'docs/a.o', directory: false, reason: 'pattern', rule: '*.o', origin: '--exclude'},
        {
          path: 'docs/d/sub',
          directory: true,
          reason: 'pattern',
          rule: 'sub/',
          origin: 'docs/d/.ignore',
          line: 1,
        },
        {path: 'docs/cache', directory: true, reason: 'tag', rule: 'CACHEDIR.TAG'},
      ])
      const {out} = run('--json', ...flags())
      expect(JSON.parse(out)).to.have.nested.property('counts.excluded', 6)
      const marker = sh('cat', store(newest(), '.backup_finished'))
      expect(JSON.parse(marker)).to.have.nested.property('counts.excluded', 6)
    })

    it('not at all in a quiet run', () => {
      expect(run('-q', ...flags())).to.include({out: '', err: '', exit: 0})
    })
  })

  describe('refuses, before anything happens,', () => {
    const cases: ReadonlyArray<readonly [string, readonly string[], string]> = [
      ['an open bracket', ['-e', 'a[b'], '--exclude: the pattern "a[b" is bad: a bracket'],
      ['nothing', ['-e', ''], '--exclude: the pattern "" is bad: it names nothing'],
      ['an unknown class', ['--iexclude', '[[:x:]]'], 'there is no such class of bytes'],
      ['a lone backslash', ['-e', 'a\\'], 'nothing follows the last backslash'],
      ['a file that is not there', ['--exclude-file', '/nowhere'], 'no such file or directory'],
      ['a path for a name', ['--ignore-file', 'a/b'], 'takes the name of a file'],
      ['a dot for a name', ['--exclude-if-present', '.'], 'takes the name of a file'],
      ['no attribute', ['--exclude-if-xattr', ''], 'takes the name of an attribute'],
      [
        'an attribute without a namespace',
        ['--exclude-if-xattr', 'no'],
        'write it such as user.no',
      ],
      [
        'what is not UTF-8',
        ['-e', '\ufffd*'],
        'put it into a file, and give that to --exclude-file',
      ],
      ['a size in words', ['--exclude-larger-than', 'big'], '"big" is not a size'],
      ['a size without a number', ['--exclude-larger-than', 'M'], '"M" is not a size'],
      ['patterns for rsync', ['--external-rsync', '-e', 'a'], '--external-rsync cannot exclude'],
      ['checksums for rsync', ['--external-rsync', '--checksum'], 'compares only size and time'],
    ]
    for (const [what, argv, message] of cases) {
      it(what, () => {
        make('file')
        const {exit, err, out} = run(...argv)
        expect(err).to.include(message)
        expect({exit, out, store: storedIn(store())}).to.deep.equal({
          exit: 2,
          out: '',
          store: [],
        })
      })
    }

    it('a bad line of a file, by its number', () => {
      writeFileSync(path('patterns'), 'good\n# fine\n\nbad[\n')
      const {exit, err} = run('--exclude-file', path('patterns'))
      expect(exit).to.equal(2)
      expect(err).to.include(`${path('patterns')}, line 4: the pattern "bad[" is bad`)
      expect(storedIn(store())).to.deep.equal([])
    })
  })
})
