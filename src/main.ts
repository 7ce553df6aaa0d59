#!/usr/bin/env node
// A Node that is too old reads this file, too: it imports nothing before the version is known, and says it in words that
// Node 14 understands. The same version stands in package.json, which npm holds installations to.
const MAJOR = 20
const MINOR = 19

const { node } = process.versions
const [major = 0, minor = 0] = node.split('.').map(Number)

if (major < MAJOR || (major === MAJOR && minor < MINOR)) {
  process.stderr.write(
    `jenkins-mesos-sidecar needs Node ${MAJOR}.${MINOR} or newer, and this is Node ${node}: ` +
      `install a newer one (https://nodejs.org/) or put it first on the PATH, and call this again.\n`,
  )
  process.exitCode = 1
} else {
  try {
    await import('./cli/process.ts')
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown
    process.stderr.write(
      `A part of the program is missing: ${thrown.message}\n` +
        'In its folder `npm ci` installs the packages, and `npm run build` builds the program.\n',
    )
    process.exitCode = 1
  }
}

function isMissing(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND'
}
