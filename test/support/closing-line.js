/** Says the outcome in the one form that every log reader knows. */
export default class ClosingLine {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites
    console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`)
  }
}
