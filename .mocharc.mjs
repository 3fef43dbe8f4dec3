// How every test runs, also a single one: npx mocha test/report/prune.test.ts
export default {
  'node-option': ['import=tsx'],
  extension: ['ts'],
  timeout: 120_000,
  reporter: 'scripts/test-reporter.mjs',
  // A test left alone with .only would hide all others.
  'forbid-only': process.env.CI !== undefined,
}
