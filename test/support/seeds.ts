// The seeds of random tests: few by default, as many as `npm run test:queries` says in its suite.

/** The first seed and how many, from that suite. */
const {RANDOM_SEED: first, RANDOM_RUNS: runs} = process.env

/** `count` seeds, unless the suite wants others. */
export const seeds = (count: number): number[] =>
  Array.from({length: Number(runs ?? count)}, (_, at) => Number(first ?? 1) + at)
