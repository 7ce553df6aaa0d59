const BASE_PACKAGES = [
  'java.io',
  'java.lang',
  'java.lang.ref',
  'java.lang.reflect',
  'java.net',
  'java.nio',
  'java.security',
  'java.text',
  'java.util',
  'java.util.concurrent',
  'java.util.concurrent.atomic',
  'java.util.concurrent.locks',
  'java.util.regex',
  'java.util.zip',
  'javax.crypto',
  'sun.nio.ch',
]

/** What the controller of 2011 reaches into by reflection, opened for a Java with modules. */
export const CONTROLLER_OPENS: readonly string[] = [
  ...BASE_PACKAGES.map((name) => open('java.base', name)),
  open('java.desktop', 'java.awt'),
  open('java.desktop', 'java.awt.font'),
]

/** The same for the virtual machine of an agent: `slave.jar` of that controller. */
export const AGENT_OPENS: readonly string[] = ['java.io', 'java.lang', 'java.lang.reflect'].map((name) =>
  open('java.base', name),
)

function open(module: string, name: string): string {
  return `--add-opens=${module}/${name}=ALL-UNNAMED`
}
