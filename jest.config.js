import shared from './jest.shared.config.js'

/** `npm test`: unit, property and scenario tests. */
export default {
  ...shared,
  testTimeout: 20_000, // for a busy machine; hardly any test takes a second
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '<rootDir>/test/contracts/', '<rootDir>/test/real/'],
}
