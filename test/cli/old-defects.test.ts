// Defects of the Python tool of the same name, which must not come back.
import {chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inventory} from '../native/inventory.js'
import {
  asNobody,
  nobody,
  runProgram,
  startProgram,
  until,
  type Running,
} from '../native/programs.js'
import {expectSame} from '../native/snapshots.js'
import {isRoot, python, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const users = [
  ['as root (needs root)', []],
  ['as an ordinary user', isRoot ? asNobody : []],
] as const

for (const [user, under] of users) {
  describe(`defects of the Python tool, ${user}`, () => {
    const {docs, store, path} = workshop()
    const other = under.length > 0

    before(function () {
      if (user.includes('needs root') && !isRoot) this.skip()
    })

    beforeEach(() => {
      writeFileSync(docs('a.txt'), 'a')
      mkdirSync(path('traces'))
      if (!other) return
      chmodSync(path(), 0o755)
      sh('chown', '-hR', `${nobody}:${nobody}`, store(), docs(), path('traces'))
    })

    const shown = (): string[] => storedIn(store()).sort()
    const argv = (...rest: string[]): string[] => ['-b', store(), docs(), ...rest]
    const newest = (): string => shown().at(-1) ?? ''

    function backUp(...before: string[]): string {
      const {exit, out, err} = runProgram(argv(), {under: [...under, ...before]})
      expect({exit, err}, out).to.deep.equal({exit: 0, err: ''})
      return newest()
    }

    /** A backup that pauses just before it publishes, and holds the lock. */
    function slow(name: string, seconds: number): Running {
      const delay = `inject=syncfs:delay_enter=${seconds * 1_000_000}:when=1`
      const trace = ['-o', path('traces', name), '-e', 'trace=syncfs', '-e', delay]
      return startProgram(argv(), {under: [...under, 'strace', '-f', '-qq', ...trace]})
    }

    /** Waits until a slow backup pauses, and returns its process id. */
    async function isSlow(): Promise<number> {
      const lock = store('.backups_lock')
      await until(() => existsSync(lock) && shown().some((name) => name.startsWith('.partial-')))
      return Number.parseInt(readFileSync(lock, 'utf8'), 10)
    }

    it('races for the lock: of two runs at once one works, and the other exits with 11 (slow)', async () => {
      const both = [slow('one', 2), slow('two', 2)]
      const ends = await Promise.all(both.map(({ended}) => ended))
      const exits = ends.map(({exit}) => exit)
      expect(exits, ends.map(({err}) => err).join('')).to.have.members([0, 11])
      const lost = ends.find(({exit}) => exit === 11)
      expect(lost?.err).to.match(/^cura-te-ipsum: Another backup has been running since /)
      expect(shown()).to.have.lengthOf(1)
      expectSame(docs(), store(newest(), 'docs'))
    })

    it('empty or corrupt locks: they are removed and taken over', () => {
      for (const text of ['', '\u0000\u0001\u00ff', 'not a number\n', '12 34']) {
        writeFileSync(store('.backups_lock'), text)
        writeFileSync(docs('a.txt'), `for the lock ${text}`)
        const before = shown().length - 1
        backUp()
        expect(shown())
          .to.have.lengthOf(before + 1)
          .and.not.to.include('.backups_lock')
      }
    })

    it('an immediate SIGKILL: --force lets the other run clean up and exit (slow)', async () => {
      const first = slow('first', 3)
      await isSlow()
      const {exit, err} = runProgram(argv('--force'), {under})
      expect({exit, err}).to.deep.equal({exit: 0, err: ''})
      expect(await first.ended).to.include({exit: 143, signal: null})
      expect(shown()).to.have.lengthOf(1)
      expectSame(docs(), store(newest(), 'docs'))
    })

    // This takes five seconds, so it runs for one user only.
    if (other || !isRoot) {
      it('an immediate SIGKILL: it comes after 5 s, if the other run does not exit (slow)', async () => {
        const first = slow('first', 2)
        const pid = await isSlow()
        process.kill(pid, 'SIGSTOP')
        const begun = Date.now()
        const {exit, err} = runProgram(argv('--force'), {under})
        expect(exit, err).to.equal(0)
        expect(err, 'it reports what it waits for').to.match(/^cura-te-ipsum: .*holds the lock\n$/)
        expect(Date.now() - begun).to.be.at.least(4900)
        expect(await first.ended).to.include({signal: 'SIGKILL'})
        expect(shown(), 'its leftovers are removed').to.have.lengthOf(1)
      })
    }

    it('permissions that differ from the source, whatever umask and store (needs setfacl)', function () {
      if (!existsSync('/usr/bin/setfacl')) this.skip()
      python(
        docs(),
        `
for name, mode in [('all', 0o777), ('read', 0o444), ('none', 0o400), ('group', 0o660)]:
    os.mkdir('d' + name); open('d' + name + '/f', 'w').write(name); open(name, 'w').write(name)
    os.chmod('d' + name + '/f', mode); os.chmod(name, mode); os.chmod('d' + name, mode | 0o500)
os.mkdir('setgid'); os.chmod('setgid', 0o2755)
`,
      )
      if (other) sh('chown', '-hR', `${nobody}:${nobody}`, docs())
      sh('setfacl', '-d', '-m', 'u:1000:rwx,m::rwx,o::rwx', store())
      chmodSync(store(), 0o2700)
      for (const umask of ['0000', '0077']) {
        writeFileSync(docs('a.txt'), `with umask ${umask}`)
        const name = backUp('sh', '-c', `umask ${umask}; exec "$@"`, 'sh')
        expectSame(docs(), store(name, 'docs'))
        const modes = ['.', '.backup_finished', '.backup_manifest'].map((file) =>
          (statSync(store(name, file)).mode & 0o777).toString(8),
        )
        expect(modes, umask).to.deep.equal(['700', '600', '600'])
      }
      // The control: a directory made there by another program inherits the ACL.
      mkdirSync(store('control'))
      expect(sh('getfacl', '-cpn', store('control'))).to.include('user:1000:rwx')
    })

    it('metadata changes in all older snapshots, which share the inode', () => {
      const first = backUp()
      const before = inventory(store(first))
      chmodSync(docs('a.txt'), 0o600)
      const second = backUp()
      expect(second).not.to.equal(first)
      expect(statSync(store(second, 'docs', 'a.txt')).mode & 0o777).to.equal(0o600)
      expect(inventory(store(first))).to.deep.equal(before)
    })

    it('names with a newline, and names that are not UTF-8', () => {
      const names = "[b'new\\nline', b'\\xff\\xfe', b'\\n', b' ', b'-rf', b'tab\\t', 'ä'.encode()]"
      python(docs(), `for n in ${names}: open(n, 'wb').write(n)`)
      if (other) sh('chown', '-hR', `${nobody}:${nobody}`, docs())
      const name = backUp()
      expectSame(docs(), store(name, 'docs'))
      expect(inventory(store(name, 'docs'))).to.have.lengthOf(8)
      expect(backUp(), 'nothing has changed').to.equal(name)
      python(docs(), "os.remove(b'new\\nline')")
      expectSame(docs(), store(backUp(), 'docs'))
    })

    if (other || !isRoot) {
      it('a forbidden chown: it does not fail the backup (needs root)', function () {
        if (!isRoot) this.skip()
        python(docs(), "os.mkdir('d')\nopen('d/f', 'w').write('f')\nos.symlink('f', 'd/l')")
        sh('chown', '-hR', '0:0', docs())
        sh('chmod', '-R', 'a+rX', docs())
        const name = backUp()
        expect(readFileSync(store(name, 'docs', 'd', 'f'), 'utf8')).to.equal('f')
        expect(statSync(store(name, 'docs', 'd', 'f')).uid).to.equal(nobody)
        expect(backUp(), 'it is not a change either').to.equal(name)
      })
    }
  })
}
