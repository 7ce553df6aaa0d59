import { type ExecFileException, execFile } from 'node:child_process'
import { join } from 'node:path'

/** No proxy between a client and a master on this machine. */
const DIRECT = { NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost' }

/** A Python with these packages, in a folder of its own. */
export interface Python {
  /** What the script printed. @throws (rejects) with what it wrote to standard error where it fails */
  readonly run: (script: string, args: readonly string[], timeoutMs: number) => Promise<string>
}

/**
 * Installs packages with pip into the folder; with a virtual environment where Python has one, beside it where not.
 * @throws (rejects) with pip's words, and which Debian packages are needed
 */
export async function pythonWith(packages: readonly string[], folder: string): Promise<Python> {
  const bin = join(folder, 'venv')
  try {
    await execute('python3', ['-m', 'venv', bin], 120_000)
    const python = join(bin, 'bin', 'python')
    await execute(python, [...PIP, ...packages], 240_000)
    return { run: (script, args, ms) => execute(python, [script, ...args], ms) }
  } catch (error) {
    const target = join(folder, 'packages')
    await execute('python3', [...PIP, '--target', target, ...packages], 240_000).catch((second: unknown) => {
      throw new Error(
        `the packages ${packages.join(' ')} could not be installed (${String(error)}; ${String(second)}): ` +
          'on Debian, apt-get install python3-venv python3-pip',
        { cause: second },
      )
    })
    return { run: (script, args, ms) => execute('python3', [script, ...args], ms, { PYTHONPATH: target }) }
  }
}

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check']

function execute(
  command: string,
  args: readonly string[],
  timeout: number,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...DIRECT, ...environment }
    execFile(command, args, { timeout, env }, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${command} ${args.join(' ')}: ${error.message}\n${stderr}`, { cause: error }))
    })
  })
}
