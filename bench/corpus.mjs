// Makes the tree to back up, and changes 1 % of its files. The same count gives the same tree.
import {createCipheriv, createHash} from 'node:crypto'
import {mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {must} from './processes.mjs'

// A directory and the ten entries in it.
const directoryShare = 1 / 11
const subdirectories = 5
const symlinkShare = 0.02

// Log-normal: 70 % of files below 8 kB, 3 % above 100 kB, 0.1 % above 1 MB, and 18 kB on average,
// like installed software.
const medianSize = 3_000
const sigma = 1.9
const largestSize = 8 * 1024 * 1024

const oldest_s = Date.UTC(2020, 0, 1) / 1000
const span_s = 5 * 365 * 86_400

/**
 * Generates a tree of `entries` entries in `root`, which must not exist. With `empty` its files
 * have no content, so that trees of millions of entries fit.
 */
export function generateCorpus(root, entries, {empty = false} = {}) {
  const random = randomNumbers(1)
  const directories = [root]
  mkdirSync(root)
  while (directories.length < Math.max(1, Math.round(entries * directoryShare))) {
    const parent = directories[Math.floor((directories.length - 1) / subdirectories)]
    directories.push(join(parent, `dir-${directories.length}`))
    mkdirSync(directories.at(-1))
  }
  for (let i = directories.length - 1; i < entries; i++) {
    const directory = directories[Math.floor(random() * directories.length)]
    if (random() < symlinkShare) symlinkSync(`file-${i - 1}.txt`, join(directory, `link-${i}`))
    else makeFile(join(directory, `file-${i}.txt`), empty ? 0 : randomSize(random), random)
  }
  directories.forEach((directory, i) => setTime(directory, i / directories.length))
}

function makeFile(path, size, random) {
  writeFileSync(path, noise(size, basename(path)))
  setTime(path, random())
}

function setTime(path, share) {
  const time_s = Math.round(oldest_s + share * span_s)
  utimesSync(path, time_s, time_s)
}

function randomSize(random) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Math.min(largestSize, Math.round(medianSize * Math.exp(sigma * normal)))
}

/** Bytes that no tool can compress or deduplicate. */
function noise(size, seed) {
  const key = createHash('md5').update(seed).digest()
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** mulberry32: numbers from 0 to 1, the same sequence for the same seed. */
function randomNumbers(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Copies a tree, so that the original is never modified. */
export async function copyCorpus(root, original, options) {
  await must(['cp', '-a', original, root], options)
}

/** Returns {root, files (paths), directories, symlinks, others, bytes, timesChanged}. */
export function surveyCorpus(root) {
  const survey = {
    root,
    files: [],
    directories: 0,
    symlinks: 0,
    others: 0,
    bytes: 0,
    timesChanged: 0,
  }
  const pending = [root]
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    for (const entry of readdirSync(directory, {withFileTypes: true})) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) pending.push(path)
      count(survey, entry, path)
    }
  }
  survey.files.sort()
  return survey
}

function count(survey, entry, path) {
  if (entry.isDirectory()) survey.directories++
  else if (entry.isSymbolicLink()) survey.symlinks++
  else if (!entry.isFile()) survey.others++
  else {
    survey.files.push(path)
    survey.bytes += statSync(path).size
  }
}

/**
 * Rewrites every hundredth file, other files each time, with equally many bytes. Returns their
 * number, with each name of a hardlinked file counted.
 */
export function changeOnePercent(corpus) {
  const time = corpus.timesChanged++
  const chosen = corpus.files.filter((_, i) => i % 100 === time % 100)
  for (const path of chosen) {
    writeFileSync(path, noise(statSync(path).size, `time ${time} ${path}`), {flag: 'r+'})
    // Writing nothing does not change the mtime of an empty file.
    utimesSync(path, new Date(), new Date())
  }
  // Counts the names of each inode. A copied corpus has no names outside.
  const names = new Map(chosen.map((path) => [statSync(path).ino, statSync(path).nlink]))
  return [...names.values()].reduce((sum, links) => sum + links, 0)
}
