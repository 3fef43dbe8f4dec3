// The shipped addon makes no system call except through the seam.
import {spawnSync} from 'node:child_process'
import {existsSync, readFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {sh} from './workshop.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const addon = join(root, 'build/Release/cura.node')
const objects = join(root, 'build/Release/obj.target/cura/native')

/** The system calls that the fault-injecting twin can make fail: all of them. */
const calls = readFileSync(join(root, 'test/reliability/seam/calls.txt'), 'utf8').trim().split('\n')

/** Imported names that make no system call, except for memory and threads. */
const harmless = [
  /^napi_/,
  /^_Z/, // C++, see below
  /^__cxa_|^_ITM_|^__gmon_start__$|^__tls_get_addr$|^__errno_location$/,
  /^__libc_single_threaded$/, // a flag that libstdc++ reads
  /^(mem|str)\w+$/,
  /^(snprintf|abort)$/,
  /^EVP_\w+$/, // OpenSSL in Node, which hashes memory
  /^pthread_(create|join|mutex_lock|mutex_unlock|cond_timedwait)$/,
]

/** Parts of the C++ library that make system calls. */
const treacherous = /filesystem|stream|filebuf|random_device|thread\w*start|chrono|locale/

function undefinedIn(file: string, ...flags: string[]): string[] {
  return sh('nm', '--undefined-only', ...flags, file)
    .split('\n')
    .map((line) => line.trim().replace(/^U /, '').replace(/^w /, '').replace(/@.*/, ''))
    .filter((name) => name !== '')
}

const objectsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.o'))
    .map((name) => join(folder, name))

const callsIn = (files: readonly string[]): string[] => {
  const names = new Set(files.flatMap((file) => undefinedIn(file)))
  return calls.filter((call) => names.has(call))
}

/** The number of instructions in a file that enter the kernel directly. */
function kernelEntries(file: string): number {
  const {stdout} = spawnSync('objdump', ['-d', '--no-show-raw-insn', file], {
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  })
  expect(stdout).to.include('ret')
  return stdout.split('\n').filter((line) => /\s(syscall|sysenter|int\s+\$0x80|svc)\b/.test(line))
    .length
}

describe('the seam', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip() // Mach-O needs other tools
  })

  it('is all that the addon imports from the system', () => {
    const imported = undefinedIn(addon, '-D')
    const unknown = imported.filter(
      (name) => !calls.includes(name) && !harmless.some((pattern) => pattern.test(name)),
    )
    expect(unknown).to.deep.equal([])
    expect(calls.filter((call) => !imported.includes(call))).to.deep.equal([])
    expect(imported.filter((name) => /^_Z/.test(name) && treacherous.test(name))).to.deep.equal([])
  })

  it('is used by platform/ alone (slow)', () => {
    expect(callsIn(objectsIn(objects))).to.deep.equal([])
    expect(callsIn(objectsIn(join(objects, 'platform'))), 'the control').to.deep.equal(calls)
  })

  it('is not bypassed by a system call instruction of our own', () => {
    expect(kernelEntries(addon)).to.equal(0)
    const loader = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'].find(existsSync)
    if (loader !== undefined) expect(kernelEntries(loader), 'the control').to.be.above(0)
  })

  it('has no fault injection in the shipped addon', () => {
    expect(readFileSync(addon).includes('CURA_FAULTS')).to.be.false
    const {files} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      files: string[]
    }
    expect(files.filter((file) => /^(out|test|build)\b/.test(file))).to.deep.equal([])
  })
})
