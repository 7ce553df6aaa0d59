import shared from './jest.shared.config.js'

/** `npm test`: unit, property and scenario tests. */
export default {
  ...shared,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '<rootDir>/test/contracts/', '<rootDir>/test/real/'],
}
