// How the tests run: TypeScript through tsx, on real directories, so with time to spare.
export default {
  spec: 'test/**/*.test.ts',
  'node-option': ['import=tsx'],
  timeout: 120_000,
  reporter: 'scripts/test-reporter.mjs',
  // A test left alone with .only would hide all others.
  'forbid-only': process.env.CI !== undefined,
}
