import shared from './jest.shared.config.js'

/** `npm run test:real`: the program against a real controller with real agents. */
export default { ...shared, testMatch: ['<rootDir>/test/real/**/*.test.ts'], testTimeout: 300_000 }
