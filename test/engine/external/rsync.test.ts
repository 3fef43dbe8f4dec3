// What rsync prints, understood: entries with any bytes in their names, messages, arguments.
import {expect} from 'chai'
import fc from 'fast-check'
import {rsyncOptions} from '../../../src/engine/external/programs.js'
import {
  parseRemote,
  remoteBase,
  remoteDirectory,
  remoteName,
  remoteProblem,
} from '../../../src/store/remote.js'
import {ErrorLog, parseErrorLine} from '../../../src/engine/external/rsync-errors.js'
import {LineSplitter, parseItem, type Item} from '../../../src/engine/external/rsync-items.js'
import {
  nothing,
  rsyncArguments,
  type RsyncRun,
  type RsyncSource,
} from '../../../src/engine/external/rsync-arguments.js'
import {parseSources} from '../../../src/engine/sources.js'

/** As rsync prints a name: control characters, and a backslash where it would be taken for one. */
function escaped(name: Buffer): string {
  // eslint-disable-next-line no-control-regex -- these are what it escapes
  const control = /[\x00-\x08\x0a-\x1f]/g
  return name
    .toString('latin1')
    .replace(/\\(?=#\d{3})/g, '\\#134')
    .replace(control, (c) => `\\#${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** All that were handed on, of a text that came in pieces of these sizes. */
function split(text: Buffer, sizes: readonly number[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => void lines.push(line))
  let at = 0
  for (const size of sizes) {
    splitter.push(text.subarray(at, at + size))
    at += size
  }
  splitter.push(text.subarray(at))
  splitter.end()
  return lines
}

const item = (line: string): Item => {
  const parsed = parseItem(line)
  if (parsed === null) throw new Error(`no item: ${line}`)
  return parsed
}

const oddNames = [
  'nl\nx', 'tab\t', '\\#012', '\\#01', '\\\\#134#012', 'a => b', 'a -> b', 'end ', ' start', '\x7f', '\x1b[2J', '-rf',
] // prettier-ignore

describe('items of rsync', () => {
  it('takes no number for a byte that is above all bytes', () => {
    expect(item('>f+++++++++ 7 a\\#777\\#377//').name).to.equal('a\\#777\xff')
  })

  // The line, its kind, type, bytes and name.
  const table: ReadonlyArray<[string, Item['kind'], Item['type'], number, string]> = [
    ['>f+++++++++ 7 a//', 'new', 'file', 7, 'a'],
    ['>f.st...... 7 sub/a//', 'changed', 'file', 7, 'sub/a'],
    ['>f..t...... 7 a//', 'changed', 'file', 7, 'a'],
    ['.f...p..... 7 a//', 'metadata', 'file', 7, 'a'],
    ['.f....og.ax 7 a//', 'metadata', 'file', 7, 'a'],
    ['cf...p..... 7 a//', 'metadata', 'file', 7, 'a'],
    ['.f          7 a//', null, 'file', 7, 'a'],
    ['.d          40 .///', null, 'directory', 0, ''],
    ['.d..t...... 40 sub///', 'metadata', 'directory', 0, 'sub'],
    ['cd+++++++++ 40 sub/x///', 'new', 'directory', 0, 'sub/x'],
    ['cL+++++++++ 3 l// -> t//x', 'new', 'symlink', 0, 'l'],
    ['cLc.t...... 3 l// => -> t', 'changed', 'symlink', 0, 'l'],
    ['.L..t...... 3 l// -> t', 'changed', 'symlink', 0, 'l'],
    ['cS+++++++++ 0 p//', 'new', 'special', 0, 'p'],
    ['cD+++++++++ 0 null//', 'new', 'special', 0, 'null'],
    ['*deleting   0 a//', 'deleted', 'file', 0, 'a'],
    ['*deleting   0 d///', 'deleted', 'directory', 0, 'd'],
    ['hf          7 a//', null, 'file', 7, 'a'],
  ]
  for (const [line, kind, type, bytes, name] of table) {
    it(`reads ${line}`, () => {
      expect(item(line)).to.include({kind, type, bytes, name})
    })
  }

  it('knows who is linked to whom', () => {
    expect(item('hf+++++++++ 7 a// => d/b')).to.include({kind: 'new', leader: 'd/b', follows: true})
    expect(item('hf          7 a// => b')).to.include({
      kind: 'metadata',
      leader: 'b',
      follows: true,
    })
    expect(item('cL+++++++++ 7 a// -> b')).to.include({leader: null, follows: false})
  })

  it('takes nothing else for one', () => {
    for (const line of [
      '',
      'created directory ./x',
      'IO error encountered -- skipping file deletion',
      'skipping non-regular file "null"',
      '>f+++++++++ 7 a',
      '>f+++++++++ x a//',
      '>f++++++++ 7 a//',
      '>q+++++++++ 7 a//',
      'Welcome, >f+++++++++ 7 a//',
    ]) {
      expect(parseItem(line), line).to.equal(null)
    }
  })

  const nameByte = fc.integer({min: 1, max: 255}).filter((byte) => byte !== 0x2f)
  const component = fc
    .oneof(
      {
        weight: 3,
        arbitrary: fc.array(nameByte, {minLength: 1, maxLength: 30}).map((b) => Buffer.from(b)),
      },
      {weight: 1, arbitrary: fc.constantFrom(...oddNames).map((n) => Buffer.from(n))},
    )
    .filter((name) => !['.', '..'].includes(name.toString('latin1')))
  const path = fc
    .array(component, {minLength: 1, maxLength: 4})
    .map((names) => Buffer.from(names.map((n) => n.toString('latin1')).join('/'), 'latin1'))

  it('gives every name back to the byte, wherever the pieces are cut', () => {
    const one = fc.record({
      name: path,
      target: path,
      form: fc.constantFrom('file', 'directory', 'symlink', 'follower', 'deleted'),
    })
    const forms: Readonly<Record<string, (name: string, target: string) => string>> = {
      file: (name) => `>f+++++++++ 1 ${name}//`,
      directory: (name) => `cd+++++++++ 1 ${name}///`,
      symlink: (name, target) => `cL+++++++++ 1 ${name}// -> ${target}`,
      follower: (name, target) => `hf+++++++++ 1 ${name}// => ${target}`,
      deleted: (name) => `*deleting   0 ${name}//`,
    }
    fc.assert(
      fc.property(
        fc.array(one, {maxLength: 8}),
        fc.array(fc.integer({min: 0, max: 40}), {maxLength: 40}),
        (entries, sizes) => {
          const lines = entries.map(({name, target, form}) =>
            forms[form]?.(escaped(name), escaped(target)),
          )
          const text = Buffer.from(lines.map((line) => `${String(line)}\n`).join(''), 'latin1')
          const items = split(text, sizes).map(item)
          expect(items.map(({name}) => name)).to.deep.equal(
            entries.map(({name}) => name.toString('latin1')),
          )
          expect(items.map(({leader}) => leader)).to.deep.equal(
            entries.map(({target, form}) =>
              form === 'follower' ? target.toString('latin1') : null,
            ),
          )
        },
      ),
      {numRuns: 500},
    )
  })

  it('never fails, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({maxLength: 100})), (pieces) => {
        const splitter = new LineSplitter((line) => {
          parseItem(line)
          parseErrorLine(line)
        })
        for (const piece of pieces) splitter.push(Buffer.from(piece))
        splitter.end()
      }),
    )
  })

  it('leaves out a line that is too long, and only that', () => {
    const long = 'x'.repeat(200_000)
    const sizes = Array.from({length: 30}, () => 8192)
    expect(split(Buffer.from(`a\n${long}\nb\nc`), sizes)).to.deep.equal(['a', 'b', 'c'])
  })
})

describe('messages of rsync', () => {
  const table: ReadonlyArray<[string, string, string]> = [
    ['rsync: [sender] send_files failed to open "/src/x": Permission denied (13)', 'EACCES', '/src/x'],
    ['rsync: send_files failed to open "/src/x": Permission denied (13)', 'EACCES', '/src/x'],
    ['rsync: [sender] send_files failed to open "x" (in mod): Permission denied (13)', 'EACCES', 'x'],
    ['rsync: [sender] opendir "/src/d" failed: Permission denied (13)', 'EACCES', '/src/d'],
    ['rsync: [sender] readlink_stat("/src/d/x") failed: Permission denied (13)', 'EACCES', '/src/d/x'],
    ['rsync: [sender] read errors mapping "/src/x": Input/output error (5)', 'EIO', '/src/x'],
    ['rsync: [sender] link_stat "/src/a"b\\#012" failed: No such file or directory (2)', 'ENOENT', '/src/a"b\n'],
  ] // prettier-ignore
  for (const [line, code, path] of table) {
    it(`reads ${line}`, () => {
      const vanished = code === 'ENOENT'
      expect(parseErrorLine(line)).to.deep.equal({path, code, vanished, isStore: false})
    })
  }

  it('knows what vanished, and what the store has run out of', () => {
    expect(parseErrorLine('file has vanished: "/src/x"')).to.include({
      path: '/src/x',
      vanished: true,
    })
    const full = 'rsync: [receiver] write failed on "/store/x": No space left on device (28)'
    expect(parseErrorLine(full)).to.include({code: 'ENOSPC', isStore: true})
    const broken = 'rsync: [generator] mkdir "/store/x" failed: Read-only file system (30)'
    expect(parseErrorLine(broken)).to.include({code: 'EROFS', isStore: true})
    expect(
      parseErrorLine('rsync error: some files (code 23) at main.c(1338) [sender=3.2.7]'),
    ).to.equal(null)
  })

  it('counts each entry once, and keeps within bounds', () => {
    const log = new ErrorLog()
    const take = (line: string): void => {
      log.take(line, (path) => path.slice(1))
    }
    for (let n = 0; n < 3000; ++n) {
      const line = `rsync: [sender] opendir "/${n}" failed: Permission denied (13)`
      take(line)
      take(line)
    }
    take('file has vanished: "/gone"')
    for (let n = 0; n < 3000; ++n) take(`${n} ${'noise'.repeat(100)}`)
    const {list, errors, warnings} = log.failures()
    expect([list.length, errors, warnings]).to.deep.equal([1000, 3000, 1])
    expect(log.lastWords().length).to.be.below(2000)
  })

  it('counts what has no name, and prints it safely', () => {
    const log = new ErrorLog()
    log.begin()
    log.take('Welcome to \x1b[2J', (path) => path)
    log.take('rsync: odd\x1b[2J', (path) => path)
    log.settle('docs')
    const {list, errors} = log.failures()
    expect(errors).to.equal(1)
    expect(list[0]).to.include({code: 'rsync: odd\\x1b[2J', warning: false})
    log.begin()
    log.settle('other')
    expect(log.failures().errors, 'something is missing, and nothing said what').to.equal(2)
  })
})

describe('arguments of rsync', () => {
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

  it('end with two operands, behind --', () => {
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

  it('link to the previous snapshot from where the copies land', () => {
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
    it(`leave out a store called ${inside}`, () => {
      const run = {source: {...source, storeInside: inside}, into, stage: 'compare'} as const
      expect(rsyncArguments(run, rsync)).to.include(`--exclude=${rule}`)
    })
  }
})

describe('versions of rsync', () => {
  const text = (version: string, capabilities: string): string =>
    `rsync  version ${version}  protocol version 31\nCapabilities:\n    64-bit files, ${capabilities}, iconv\nOptimizations:\n    no SIMD\n`

  it('get the options that they know', () => {
    expect(rsyncOptions(text('3.2.7', 'ACLs, xattrs'))).to.deep.equal([
      '-A',
      '-XX',
      '--modify-window=-1',
      '-W',
    ])
    expect(rsyncOptions(text('3.1.2', 'no ACLs, xattrs'))).to.deep.equal(['-XX', '-W'])
    expect(rsyncOptions(text('3.5.0', 'no ACLs, no xattrs'))).to.deep.equal(['--modify-window=-1'])
    expect(rsyncOptions(text('v10.0', 'no ACLs,\n    no xattrs'))).to.deep.equal([
      '--modify-window=-1',
    ])
  })

  it('are refused where they are too old, or something else', () => {
    expect(() => rsyncOptions(text('2.6.9', 'ACLs'))).to.throw(/is version 2\.6\.9: .*3\.1/)
    expect(() =>
      rsyncOptions('openrsync: protocol version 29\nrsync version 2.6.9 compatible\n'),
    ).to.throw(/openrsync/)
    expect(() => rsyncOptions('hello\n')).to.throw(/does not say its version/)
  })
})

describe('remote sources', () => {
  // The operand, its name in the snapshot, what rsync gets.
  const table: ReadonlyArray<[string, string, string]> = [
    ['nas:/srv/data', 'data', 'nas:/srv/data/'],
    ['ann@nas:docs/', 'docs', 'ann@nas:docs/'],
    ['[fe80::1]:/srv', 'srv', '[fe80::1]:/srv/'],
    ['nas::mod', 'mod', 'nas::mod/'],
    ['nas::mod/a/b', 'b', 'nas::mod/a/b/'],
    ['rsync://nas/mod/a', 'a', 'rsync://nas/mod/a/'],
    ['rsync://ann@nas:8730/mod', 'mod', 'rsync://ann@nas:8730/mod/'],
    ['nas:', '', 'nas:./'],
    ['nas:/', '', 'nas:/'],
  ]
  for (const [operand, name, given] of table) {
    it(`are understood: ${operand}`, () => {
      const remote = parseRemote(operand)
      if (remote === null) throw new Error('taken for a local one')
      expect([remoteName(remote), remoteDirectory(operand, remote)]).to.deep.equal([name, given])
      if (name === '') expect(() => parseSources([operand], true)).to.throw(/has no name/)
      else
        expect(parseSources([operand], true)).to.deep.equal([{name, path: operand, remote: true}])
      expect(parseSources([`own=${operand}`], true)[0]).to.include({name: 'own', path: operand})
    })
  }

  it('are copied by name from below their module', () => {
    for (const [operand, base, prefix] of [
      ['nas::mod/a/b/', 'nas::mod/', 'a/b/./'],
      ['rsync://nas/mod/a', 'rsync://nas/mod/', 'a/./'],
      ['nas::mod', 'nas::mod/', ''],
      ['nas:/srv/a', 'nas:/srv/a/', ''],
    ] as const) {
      const remote = parseRemote(operand)
      expect(remote && remoteBase(operand, remote)).to.deep.equal({operand: base, prefix})
    }
  })

  it('are told from local paths as rsync does', () => {
    for (const path of ['./a:b', '/a:b', 'a/b:c', 'a', ':a', '/srv/x@y:z']) {
      expect(parseRemote(path), path).to.equal(null)
    }
  })

  it('are refused where ssh would see an option, or nothing is named', () => {
    const problem = (operand: string): string | null => {
      const remote = parseRemote(operand)
      return remote && remoteProblem(remote)
    }
    expect(problem('-oProxyCommand=x:/y')).to.match(/begins with "-"/)
    expect(problem('ann@-oProxyCommand=x:/y')).to.match(/begins with "-"/)
    expect(problem('rsync:///mod')).to.match(/names no host/)
    expect(problem('nas::')).to.match(/names no module/)
    expect(problem('rsync://nas/')).to.match(/names no module/)
    expect(problem('nas:')).to.equal(null)
  })
})
