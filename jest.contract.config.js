import shared from './jest.shared.config.js'

/** `npm run test:contract`: one suite a port, against the embedded systems or, when TEST_… is set, real ones. */
export default { ...shared, testMatch: ['<rootDir>/test/contracts/**/*.test.ts'], testTimeout: 120_000 }
