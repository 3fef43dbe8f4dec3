// Keeps NODE_V8_COVERAGE to the process that runs the tests: Node would hand it on to all others, which
// count by count.cjs.
delete process.env.NODE_V8_COVERAGE
