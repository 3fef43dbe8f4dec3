// Builds the two C++ programs of the benchmark: the meter and the floor.
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {must} from './processes.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Builds them in a directory. Returns their paths as {meter, floor}. */
export async function buildPrograms(directory, signal) {
  const programs = {meter: join(directory, 'measure'), floor: join(directory, 'floor')}
  await build('measure.cc', programs.meter, signal)
  await build('floor.cc', programs.floor, signal)
  return programs
}

async function build(source, program, signal) {
  const flags = ['-O2', '-std=c++20', '-pthread', '-o', program]
  await must([process.env.CXX ?? 'g++', ...flags, join(here, source)], {signal}).catch((cause) => {
    throw new Error(`${source} was not built: the benchmark needs g++ and Linux.`, {cause})
  })
}
