// Describes the machine and the measured programs.
import {cpus, release, totalmem} from 'node:os'
import {versionsOf} from './peers.mjs'

export async function describe(peers) {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_bytes: totalmem(),
    kernel: release(),
    node: process.versions.node,
    peers: await versionsOf(peers),
  }
}

/** The same as one sentence, with the contents of the corpus. */
export function sentence(machine, {files, directories, symlinks, bytes}) {
  const peers = Object.entries(machine.peers).map(([name, version]) => `, ${name} ${version}`)
  const count = (number) => number.toLocaleString('en')
  return (
    `${machine.date}: ${machine.processor}, ${machine.cores} cores, ` +
    `${Math.round(machine.memory_bytes / 2 ** 30)} GiB, Linux ${machine.kernel}, ` +
    `Node ${machine.node}${peers.join('')}. ` +
    `Corpus: ${count(files.length)} files, ${count(directories)} directories, ` +
    `${count(symlinks)} symlinks, ${(bytes / 1e9).toFixed(2)} GB.`
  )
}
