// Makes filesystems in memory, and always removes them: a fresh one, or a copy of one that was filled.
import {mkdir, mkdtemp, rm, rmdir, truncate, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {must, start} from './processes.mjs'

// Writes the inode tables now instead of leaving them to a kernel thread during the measurement.
const formatters = {
  ext4: ['mkfs.ext4', '-q', '-F', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0'],
  xfs: ['mkfs.xfs', '-q', '-f'],
  btrfs: ['mkfs.btrfs', '-q', '-f'],
}

const GiB = 2 ** 30

// ext4 skips inodes freed in the last 35 s one by one, so filling a directory soon after a large
// deletion is up to ten times slower.
const forgetFreedInodes_ms = 36_000

/** The reason why no filesystem can be made here, or undefined. */
export function whyPlain() {
  if (process.platform !== 'linux') return 'this is not Linux'
  if (process.getuid() !== 0) return 'only root may mount one'
  return undefined
}

/**
 * Calls work(directory) with an empty directory on a new filesystem of this type, or 'plain', with
 * space for a corpus of that many bytes and entries.
 */
export async function withFilesystem({type, bytes, entries, workDir, signal}, work) {
  const base = await mkdtemp(join(workDir, 'store-'))
  try {
    if (type === 'plain') return await work(base)
    return await withMount(
      ['-t', 'tmpfs', '-o', `size=${imageSize(bytes) + GiB}`, 'tmpfs'],
      base,
      () => withImage({type, bytes, entries, base, signal}, work),
    )
  } finally {
    if (type === 'plain') {
      await rm(base, {recursive: true, force: true})
      await wait(forgetFreedInodes_ms, undefined, {signal})
    } else {
      await rmdir(base)
    }
  }
}

async function withImage({type, bytes, entries, base, signal}, work) {
  const directory = join(base, 'mounted')
  await mkdir(directory)
  const image = await makeImage({type, bytes, entries, image: join(base, 'image'), signal})
  return withMounted({type, image, directory}, work)
}

/** Makes and formats a sparse image. Returns its path. */
export async function makeImage({type, bytes, entries, image, signal}) {
  await writeFile(image, '')
  await truncate(image, imageSize(bytes))
  await must([...formatters[type], ...inodesFor(type, entries), image], {signal})
  return image
}

/** Calls work(directory) while the image is mounted there. */
export function withMounted({type, image, directory}, work) {
  return withMount(['-t', type, '-o', 'loop', image], directory, () => work(directory))
}

/**
 * The same with a copy of the image, which has the same inodes and times. The image itself must not
 * be mounted.
 */
export async function withCopy({type, image, directory, signal}, work) {
  const copy = `${image}.copy`
  try {
    await must(['cp', '--sparse=always', image, copy], {signal})
    return await withMounted({type, image: copy, directory}, work)
  } finally {
    await rm(copy, {force: true})
  }
}

/** Calls work() while `directory` is a filesystem in memory with space for files of `bytes`. */
export function withMemory(bytes, directory, work) {
  const size = Math.ceil(bytes / GiB + 1) * GiB
  return withMount(['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs'], directory, work)
}

/** ext4 has too few inodes for small files by default; other filesystems make inodes on demand. */
function inodesFor(type, entries) {
  return type === 'ext4' ? ['-N', `${Math.max(1_000_000, Math.ceil(1.5 * entries))}`] : []
}

/** Space for the first snapshot, small ones after it and many inodes. The image is sparse. */
function imageSize(bytes) {
  return 4 * GiB + Math.ceil((2 * bytes) / GiB) * GiB
}

// Mounting and unmounting ignore the abort signal, because they must be finished.
async function withMount(what, directory, work) {
  await must(['mount', ...what, directory])
  try {
    return await work()
  } finally {
    await unmount(directory)
  }
}

async function unmount(directory) {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const {code} = await start(['umount', directory])
    if (code === 0) return
    await wait(250) // a process that was just killed may still use it
  }
  console.error(`${directory} is still in use; it is unmounted as soon as it is not.`)
  await must(['umount', '--lazy', directory])
}
