// Prints 'N passed, N failed, N skipped' from the test runner's JSON reports; where one is missing, or no test passed in one, it fails.
import { existsSync, readFileSync } from 'node:fs'

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const file of process.argv.slice(2)) {
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { testResults: [] }
  const before = counts.passed
  for (const { status, assertionResults: tests } of report.testResults) {
    for (const test of tests) counts[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++
    // A file that could not even be loaded has no tests to count, but it did fail.
    if (status === 'failed' && !tests.some((test) => test.status === 'failed')) counts.failed++
  }
  if (counts.passed === before) process.exitCode = 1
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
if (counts.failed > 0) process.exitCode = 1
