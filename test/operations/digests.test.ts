// The command `digests`: coreutils can check its output, and its exit codes report problems.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {digestsOf, plantFiles, sorted} from '../native/digests.js'
import {python as interpreter} from '../native/inventory.js'
import {program, runProgram} from '../native/programs.js'
import {python, sh, workshop} from '../native/workshop.js'

describe('digests, the command', () => {
  const {docs, store, path, snapshot} = workshop()

  const plant = (): void => {
    plantFiles(docs())
  }

  describe('checked by sha256sum', () => {
    /** Checks the printed digests with coreutils in the snapshot. */
    function check(name: string, ...args: string[]) {
      const {exit, out, err} = runProgram(['digests', '-b', store(), ...args])
      const sums = path('sums')
      sh(
        'sh',
        '-c',
        `node "$0" digests -b "$1" ${args.join(' ')} > "$2"`,
        'dist/cli.cjs',
        store(),
        sums,
      )
      const checked = spawnSync('sha256sum', ['-c', '--quiet', '--strict', sums], {
        cwd: store(name),
        encoding: 'latin1',
      })
      return {exit, out, err, status: checked.status, found: checked.stdout + checked.stderr}
    }
    const right = {exit: 0, err: '', status: 0, found: ''}

    it('lists names with any bytes', async () => {
      plant()
      python(
        docs(),
        `
for name in [b'back\\\\slash', b'new\\nline', b'cr\\rcr', b'ends with\\r', b'\\\\', b'\\n', b'\\xff\\xfe', b' *x',
             b'\\\\n\\n', 'é'.encode(), b'-', b'\\x1b[2J']:
    open(os.path.join(b'.', name), 'wb').write(name)
`,
      )
      const first = await snapshot()
      const found = check(first, first)
      expect(found).to.deep.include(right)
      expect(found.out.split('\n')).to.have.length(16 + 12 + 1)
      // coreutils itself writes the same lines.
      const theirs = spawnSync(
        'sh',
        ['-c', 'find docs -type f -exec sha256sum {} + | LC_ALL=C sort'],
        {
          cwd: store(first),
        },
      ).stdout
      const ours = spawnSync('sh', ['-c', 'LC_ALL=C sort sums'], {cwd: path()}).stdout
      expect(ours.toString('latin1')).to.equal(theirs.toString('latin1'))
    })

    it('lists the newest snapshot, unless another one is named', async () => {
      plant()
      const first = await snapshot()
      writeFileSync(docs('b'), 'other content')
      const second = await snapshot()
      expect(check(second)).to.deep.include(right)
      expect(check(first, first)).to.deep.include(right)
      expect(check(first).found).to.match(/^docs\/b: FAILED\n/) // the control
    })

    it('detects a flipped byte', async () => {
      plant()
      const first = await snapshot()
      const stored = store(first, 'docs', 'of-5000000')
      const bytes = readFileSync(stored)
      bytes[4_321_000] = Number(bytes[4_321_000]) ^ 1
      writeFileSync(stored, bytes)
      const {status, found} = check(first, first)
      expect(status).to.equal(1)
      expect(found).to.match(/^docs\/of-5000000: FAILED\n.*1 computed checksum did NOT match\n$/)
    })

    it('reports files without a digest', async () => {
      plant()
      await snapshot({digests: false})
      writeFileSync(docs('b'), 'other content')
      const second = await snapshot()
      const {exit, out, err} = runProgram(['digests', '-b', store()])
      expect({exit, err}).to.deep.equal({
        exit: 3,
        err: `15 of 16 files in ${second} have no digest.\n`,
      })
      expect(out).to.match(/^[0-9a-f]{64} {2}docs\/b\n$/)
    })
  })

  it('accepts any selector, and lists only files below a path', async () => {
    mkdirSync(docs('below/deep'), {recursive: true})
    for (const name of ['below.txt', 'below/a', 'below/deep/b', 'c'])
      writeFileSync(docs(name), name)
    const first = await snapshot()
    writeFileSync(docs('below/new'), 'new')
    const second = await snapshot()
    const listed = (...args: string[]) => {
      const {exit, out, err} = runProgram(['digests', '-b', store(), ...args])
      expect({exit, err}).to.deep.equal({exit: 0, err: ''})
      return out.split('\n').map((line) => line.slice(66)).filter((name) => name !== '') // prettier-ignore
    }
    const all = ['docs/below.txt', 'docs/below/a', 'docs/below/deep/b', 'docs/c']
    expect(listed('latest~1').sort()).to.deep.equal(all)
    expect(listed(first).sort()).to.deep.equal(all)
    expect(listed('oldest:docs/below').sort()).to.deep.equal(['docs/below/a', 'docs/below/deep/b'])
    expect(listed(`${second}:docs/below/new`)).to.deep.equal(['docs/below/new'])
    expect(listed(docs('below/new'))).to.deep.equal(['docs/below/new'])
    expect(listed(`latest~1:${docs('c')}`)).to.deep.equal(['docs/c'])
  })

  it('writes JSON for programs', async () => {
    plant()
    python(docs(), "open(b'bad\\xff', 'w').write('bad')")
    const first = await snapshot()
    const {exit, out, err} = runProgram(['digests', '-b', store(), '--json'])
    expect({exit, err}).to.deep.equal({exit: 0, err: ''})
    const result = JSON.parse(out) as {
      digests: Array<{path: string; path_b64?: string; sha256: string}>
    }
    expect(result).to.deep.include({snapshot: first, files: 17, without: 0, exit: 0})
    const listed = result.digests.map(({path: text, path_b64: bytes, sha256}): [string, string] => [
      bytes === undefined ? text : Buffer.from(bytes, 'base64').toString('latin1'),
      sha256,
    ])
    expect(sorted(new Map(listed))).to.deep.equal(sorted(await digestsOf(store(), first)))
  })

  it('reports problems by its exit code', async () => {
    const run = (...argv: string[]) => {
      const {exit, out, err} = runProgram(['digests', '-b', ...argv])
      expect(out).to.equal('')
      return `${exit} ${err}`
    }
    expect(run(path('nowhere'))).to.match(/^10 cura-te-ipsum: there is no directory /)
    expect(run(store())).to.match(/^7 cura-te-ipsum: there is no finished snapshot: .* backup\n$/)
    writeFileSync(docs('a'), 'a')
    const first = await snapshot()
    expect(run(store(), '2020-01-01_00-00-00')).to.match(
      /^7 cura-te-ipsum: there is no snapshot .* status .*\n$/,
    )
    expect(run(store(), '')).to.match(/^2 cura-te-ipsum: .* is not a snapshot: .*\n$/)
    for (const name of [`./${first}`, '..']) {
      expect(run(store(), name), name).to.match(/^7 cura-te-ipsum: no snapshot holds .*\n$/)
    }
    expect(run(store(), 'latest:other')).to.match(
      /^7 cura-te-ipsum: no snapshot holds latest:other/,
    )
    expect(run(store(), 'latest:docs/b')).to.match(/^7 cura-te-ipsum: there is no file docs\/b in /)
    rmSync(store(first, '.backup_manifest'))
    expect(run(store())).to.match(/^3 1 of 1 file in .* has no digest\.\n.*\(it has none\)/)
  })

  it('needs no more memory for a deep tree (slow)', async () => {
    const made = `
for depth in range(300):
    os.mkdir('d' * 250); os.chdir('d' * 250)
for n in range(4000): open('%04d' % n, 'w').close()
`
    python(docs(), made)
    await snapshot()
    const measure = `
import resource, subprocess
argv = ['${process.execPath}', '${program}', 'digests', '-b', '${store()}']
done = subprocess.run(argv, stdout=subprocess.DEVNULL)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000)
`
    const {stdout} = spawnSync(interpreter, ['-c', measure], {encoding: 'utf8'})
    const [status, megabytes] = stdout.split(' ').map(Number)
    expect(status).to.equal(0)
    expect(megabytes).to.be.below(300)
  })

  it('fails if the list cannot be written', function () {
    if (!existsSync('/dev/full')) this.skip()
    writeFileSync(docs('a'), 'a')
    const line = `${process.execPath} ${program} digests -b ${store()} > /dev/full`
    return snapshot().then(() => {
      const {status, stderr} = spawnSync('sh', ['-c', line], {encoding: 'utf8'})
      expect(status).to.equal(1)
      expect(stderr).to.match(/^cura-te-ipsum: the output could not be written: .*\n$/)
    })
  })

  it('ends quietly if the reader closes the pipe (slow)', async () => {
    python(docs(), "for n in range(20000): open('%05d' % n, 'w').close()")
    await snapshot()
    const line = `node ${program} digests -b ${store()} | head -n 1`
    const {status, stdout, stderr} = spawnSync('sh', ['-c', line], {encoding: 'utf8'})
    expect({status, stderr}).to.deep.equal({status: 0, stderr: ''})
    expect(stdout).to.match(/^[0-9a-f]{64} {2}docs\/00000\n$/)
  })
})
