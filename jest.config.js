import shared from './jest.shared.config.js'

/** `npm test`: unit, property and scenario tests. */
export default {
  ...shared,
  maxWorkers: '100%', // jest would leave a core unused
  workerIdleMemoryLimit: '1500MB', // the modules of a test file are never freed
  testSequencer: '<rootDir>/test/support/longest-first.js',
  testTimeout: 20_000, // for a busy machine; hardly any test takes a second
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '<rootDir>/test/contracts/', '<rootDir>/test/real/'],
}
