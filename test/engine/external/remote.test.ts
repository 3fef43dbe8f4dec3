// Sources on other hosts: each test starts a real rsync daemon or sshd on loopback.
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {createServer, connect, type AddressInfo} from 'node:net'
import {userInfo} from 'node:os'
import {setTimeout as sleep} from 'node:timers/promises'
import {expect} from 'chai'
import type {BackupOptions} from '../../../src/operations/backup.js'
import {CuraError} from '../../../src/base/errors.js'
import {parseMarker} from '../../../src/store/marker.js'
import {findProgram} from '../../../src/engine/external/programs.js'
import {editTree, makeTree} from '../../support/edits.js'
import {inventory} from '../../native/inventory.js'
import {expectSame} from '../../native/snapshots.js'
import {python, sh, workshop} from '../../native/workshop.js'
import {storedIn} from '../../support/stored.js'

const limit_ms = 10_000
const external = {rsync: true, hardlink: false}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe('sources on other hosts', () => {
  const {docs, store, path, backUp, snapshot} = workshop()
  let server: ChildProcess | null = null
  let port = 0
  let environment: NodeJS.ProcessEnv

  /** Starts a server that stays in the foreground, and waits until it answers. */
  async function start(command: string, args: readonly string[]): Promise<void> {
    server = spawn(command, args, {stdio: 'ignore'})
    for (let waited_ms = 0; waited_ms < limit_ms; waited_ms += 50) {
      if (await isOpen(port)) return
      await sleep(50)
    }
    throw new Error(`${command} does not answer`)
  }

  beforeEach(async () => {
    environment = {...process.env}
    port = await freePort()
    makeTree(docs())
  })
  afterEach(async () => {
    process.env.RSYNC_RSH = environment.RSYNC_RSH
    if (environment.RSYNC_RSH === undefined) delete process.env.RSYNC_RSH
    if (server === null || server.exitCode !== null) return
    const exit = once(server, 'exit')
    server.kill('SIGTERM')
    await exit
    server = null
  })

  async function failure(options: Partial<BackupOptions>): Promise<CuraError> {
    const before = storedIn(store())
    const error: unknown = await backUp({external, ...options}).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CuraError)
    expect(storedIn(store())).to.deep.equal(before)
    return error as CuraError
  }

  /** A first snapshot, one after edits of every kind, and a run that finds nothing. */
  async function expectBackups(operand: string, from: string): Promise<void> {
    const options = {external, operands: [operand]}
    const first = await snapshot(options)
    expectSame(from, store(first, 'docs'))
    const before = inventory(store(first))
    expect(await backUp(options)).to.include({differs: false, exit: 0})
    editTree(from)
    const second = await snapshot(options)
    expectSame(from, store(second, 'docs'))
    expect(inventory(store(first))).to.deep.equal(before)
    const {marker} = parseMarker(readFileSync(store(second, '.backup_finished')))
    expect(marker?.sources).to.deep.equal([
      {
        name: 'docs',
        path: operand.replace(/^docs=/, ''),
        ...(operand.startsWith('docs=') && {named: true}),
        host: '127.0.0.1',
      },
    ])
  }

  it('may have long files with small changes, which rsync sends as a delta', async () => {
    const shell = path('shell')
    writeFileSync(shell, '#!/bin/sh\nshift\nexec sh -c "$*"\n', {mode: 0o755})
    process.env.RSYNC_RSH = shell
    python(docs(), "open('long', 'wb').write(os.urandom(100000))")
    const options = {external, operands: [`docs=host:${docs()}`]}
    await snapshot(options)
    python(docs(), "open('long', 'ab').write(b'edit')")
    const {snapshot: second, exit} = await backUp(options)
    expect(exit).to.equal(0)
    expectSame(docs(), store(String(second), 'docs'))
  })

  describe('by a daemon', () => {
    const url = (rest: string): string => `rsync://127.0.0.1:${port}/${rest}`

    beforeEach(async () => {
      const config = `use chroot = no\nlog file = ${path('log')}\n[mod]\npath = ${path()}\nread only = yes\nuid = ${userInfo().uid}\ngid = ${userInfo().gid}\n`
      writeFileSync(path('conf'), config)
      const args = ['--daemon', '--no-detach', '--address=127.0.0.1', `--config=${path('conf')}`]
      await start('rsync', [...args, `--port=${port}`])
    })

    it('are backed up as local ones (slow)', () => expectBackups(url('mod/docs'), docs()))

    it('may be whole modules with chosen names, next to local ones (slow)', async () => {
      mkdirSync(path('local'))
      const operands = [`docs=${url('mod/docs')}`, url('mod/docs/same/'), path('local')]
      const made = await snapshot({external, operands})
      expect(readdirSync(store(made)).filter((name) => !name.startsWith('.'))).to.deep.equal([
        'docs',
        'local',
        'same',
      ])
      expectSame(docs('same'), store(made, 'same'))
      expect(await backUp({external, operands})).to.include({differs: false})
    })

    it("are refused with rsync's message if they do not exist", async () => {
      for (const [operand, words] of [
        [url('none/docs'), /Unknown module 'none'/],
        [url('mod/none'), /cannot be read.*No such file or directory/],
        [url('mod/conf'), /cannot be read/],
        [`rsync://127.0.0.1:${await freePort()}/mod/docs`, /Connection refused/],
      ] as const) {
        const error = await failure({operands: [operand]})
        expect(error.message)
          .to.match(words)
          .and.match(/no snapshot was made$/)
        expect(error).to.include({code: 'failed'})
      }
    })

    it('are carried over while only other sources can be reached', async () => {
      mkdirSync(path('local'))
      writeFileSync(path('local', 'l'), 'l')
      const operands = [url('mod/docs'), path('local')]
      const first = await snapshot({external, operands})
      const marker = parseMarker(readFileSync(store(first, '.backup_finished'))).marker
      expect(marker?.sources[0]).to.deep.equal({
        name: 'docs',
        path: url('mod/docs'),
        host: '127.0.0.1',
      })
      writeFileSync(path('local', 'new'), 'new')
      const away = [url('mod/docs').replace(`:${port}`, ':1'), path('local')]
      const result = await backUp({external, operands: away})
      expect(result).to.include({exit: 3})
      expect(result.carried.map(({name, code, from}) => [name, code, from])).to.deep.equal([
        ['docs', 'UNREACHABLE', first],
      ])
      expectSame(docs(), store(String(result.snapshot), 'docs'))
      expect(readdirSync(store(String(result.snapshot), 'local'))).to.deep.equal(['l', 'new'])
    })

    it('cause no snapshot because of their sockets', async () => {
      python(docs(), "socket.socket(socket.AF_UNIX).bind('s')")
      const operands = [url('mod/docs')]
      const made = await snapshot({external, operands})
      expect(readdirSync(store(made, 'docs'))).not.to.include('s')
      expect(await backUp({external, operands})).to.include({differs: false})
    })

    it('are not changed by a dry run', async () => {
      const result = await backUp({external, operands: [url('mod/docs')], dryRun: true})
      expect(result).to.include({differs: true, snapshot: null})
      expect(storedIn(store())).to.deep.equal([])
    })
  })

  describe('by ssh', () => {
    const key = (name: string): string => path('keys', name)

    beforeEach(async function () {
      const sshd = findProgram('sshd', `${String(process.env.PATH)}:/usr/sbin`)
      if (sshd === null || process.getuid?.() !== 0) this.skip()
      mkdirSync(path('keys'), {mode: 0o700})
      mkdirSync('/run/sshd', {recursive: true, mode: 0o755})
      for (const name of ['host', 'user', 'other']) {
        sh('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key(name))
      }
      writeFileSync(key('allowed'), readFileSync(key('user.pub')), {mode: 0o600})
      const config = [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${key('host')}`,
        `AuthorizedKeysFile ${key('allowed')}`,
        'PermitRootLogin yes',
        'PasswordAuthentication no',
        'UsePAM no',
        'StrictModes no',
        `PidFile ${key('pid')}`,
      ]
      writeFileSync(key('config'), `${config.join('\n')}\n`)
      await start(sshd, ['-D', '-f', key('config')])
      login('user')
    })

    function login(name: string): void {
      const options = [
        'StrictHostKeyChecking=no',
        `UserKnownHostsFile=${key('known')}`,
        'BatchMode=yes',
        'LogLevel=ERROR',
        'IdentitiesOnly=yes',
      ]
      process.env.RSYNC_RSH = `ssh -F none -p ${port} -i ${key(name)} ${options.map((option) => `-o ${option}`).join(' ')}`
    }
    const there = (...names: string[]): string =>
      `${userInfo().username}@127.0.0.1:${docs(...names)}`

    it('are backed up as local ones (slow)', () => expectBackups(there(), docs()))

    it('are refused with the message of ssh or rsync if they do not exist', async () => {
      expect((await failure({operands: [there('none')]})).message).to.match(
        /cannot be read: .*No such file or directory/,
      )
      login('other')
      expect((await failure({operands: [there()]})).message).to.match(
        /status (12|255): .*Permission denied/,
      )
      process.env.RSYNC_RSH = `ssh -F none -o BatchMode=yes -p ${await freePort()}`
      expect((await failure({operands: [there()]})).message).to.match(
        /status (12|255): .*Connection refused/,
      )
    })
  })
})
