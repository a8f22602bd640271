// Prints 'N passed, N failed, N skipped' from the test runner's JSON report; where there is none, no test ran.
import { existsSync, readFileSync } from 'node:fs'

const [, , reportFile = ''] = process.argv
const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : { testResults: [] }

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const { status, assertionResults: tests } of report.testResults) {
  for (const test of tests) counts[test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped']++
  // A file that could not even be loaded has no tests to count, but it did fail.
  if (status === 'failed' && !tests.some((test) => test.status === 'failed')) counts.failed++
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
if (counts.passed === 0 || counts.failed > 0) process.exitCode = 1
