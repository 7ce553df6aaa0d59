/** Every option of every command, as `parseArgs` wants them. */
export const OPTIONS = {
  once: { type: 'boolean' },
  speed: { type: 'string' },
  port: { type: 'string' },
  state: { type: 'string' },
  hosts: { type: 'string' },
  mesos: { type: 'string' },
  yes: { type: 'boolean' },
  from: { type: 'string' },
  to: { type: 'string' },
  out: { type: 'string' },
  force: { type: 'boolean' },
  ready: { type: 'boolean' },
  set: { type: 'string', multiple: true },
  marathon: { type: 'string' },
  'dry-run': { type: 'boolean' },
  timeout: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

type OptionName = keyof typeof OPTIONS

export interface CommandWords {
  /** Behind the program's name. */
  readonly usage: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** What else is worth knowing. */
  readonly details: string
  readonly options: Readonly<Partial<Record<OptionName, string>>>
  readonly examples: readonly string[]
}

const PORT = 'where it listens on 127.0.0.1 [any free port]'
const STATE = 'folder for what it must not forget [.state]'

export const COMMANDS: Readonly<Record<string, CommandWords>> = {
  start: {
    usage: 'start',
    summary: 'provision and reap agents until told to stop (the default)',
    details:
      'Without any settings it runs a small Jenkins and a small Mesos of its own. On a terminal it shows what happens, ' +
      'with LOG_LEVEL=debug every line of the log; into a pipe or a file, and in a pod, the log is JSON lines. ' +
      'Ctrl-C ends it as SHUTDOWN_POLICY says; a second one within 5 s ends all agents, whatever they run.',
    options: {},
    examples: [
      '',
      'start > sidecar.log',
      'JENKINS_URL=https://ci.example.com/ MESOS_MASTER=zk://a:2181,b:2181/mesos … jenkins-mesos-sidecar start',
    ],
  },
  check: {
    usage: 'check',
    summary: 'look at the configuration, Jenkins and Mesos, and say what is wrong',
    details: 'It changes nothing, and may run beside a sidecar. Its exit code is 1 if anything is wrong.',
    options: {},
    examples: ['check', 'check | grep ^NO'],
  },
  health: {
    usage: 'health [--ready]',
    summary: 'ask the sidecar that runs here with the same settings whether it is alive',
    details:
      'For the health check of a container, and for people in one. Its exit code is 0 where it is, else 1; a sidecar ' +
      'whose configuration has mistakes is alive in a pod, and not ready.',
    options: { ready: 'whether it does its work, not only whether it is alive' },
    examples: ['health', 'health --ready'],
  },
  plan: {
    usage: 'plan',
    summary: 'one round: print what would be done and why, do nothing',
    details:
      'It reads Jenkins, Mesos and the state once, and tells for each build, template and agent how things stand.',
    options: {},
    examples: ['plan', 'plan | less'],
  },
  'anchors create': {
    usage: 'anchors create',
    summary: 'make the anchors of the configuration in Jenkins, as start does',
    details: 'An anchor is a node that nobody connects: with it Jenkins tells the labels that builds ask for.',
    options: {},
    examples: ['anchors create'],
  },
  'anchors remove': {
    usage: 'anchors remove [--yes]',
    summary: "say which anchors of this configuration's sidecar would go, or remove them",
    details: 'End the sidecar first: it makes its anchors again.',
    options: { yes: 'remove them; without it they are only listed' },
    examples: ['anchors remove', 'anchors remove --yes'],
  },
  migrate: {
    usage: 'migrate --from URL --to URL',
    summary: 'move the state to another store, while no sidecar runs on either',
    details: 'The old state is left as it is, and marked so that no sidecar starts on it any more.',
    options: {
      from: 'STATE_URL as it is now: file:DIR or zk://host:2181/path',
      to: 'STATE_URL as it is to be',
    },
    examples: ['migrate --from file:.state --to zk://a:2181,b:2181/sidecar'],
  },
  import: {
    usage: 'import FILE --out DIR [--force]',
    summary: 'templates and settings from the configuration of the Mesos plugin',
    details: "FILE is Jenkins' config.xml, or a YAML file of Configuration as Code. A report tells of every field.",
    options: {
      out: 'folder for templates.yaml, sidecar.env and report.txt',
      force: 'replace files there that have other content',
    },
    examples: ['import /var/jenkins_home/config.xml --out sidecar'],
  },
  deploy: {
    usage: 'deploy FILE [VALUES …] [--set PATH=VALUE] [--marathon URL] [--dry-run] [--force] [--timeout SECONDS]',
    summary: 'have Marathon run a pod or an app, and wait until it does',
    details:
      'FILE is a pod (it has containers) or an app, VALUES are JSON files that are merged into it one after the other. ' +
      'All is checked before Marathon is asked; what runs already is left alone. Ctrl-C leaves the deployment under way. ' +
      'MARATHON_URL stands for --marathon. The login: MARATHON_TOKEN (with token= before it on DC/OS), or MARATHON_USER ' +
      'and MARATHON_PASSWORD; MARATHON_TOKEN_FILE and MARATHON_PASSWORD_FILE name files with them. TLS: ' +
      'MARATHON_CA_FILE, MARATHON_CLIENT_CERT_FILE and MARATHON_CLIENT_KEY_FILE. More in docs/marathon.md.',
    options: {
      set: 'one value, as containers.sidecar.resources.mem=512; null takes the field away; may be given often',
      marathon: 'where Marathon is, with its path: http://host:8080, https://dcos.example.com/service/marathon',
      'dry-run': 'only say what would change',
      force: 'stop a deployment that is under way and put this in its place',
      timeout: 'how long to wait [900]',
    },
    examples: [
      'deploy marathon/pod.json site.json --marathon http://marathon.example.com:8080 --dry-run',
      'deploy marathon/pod.json site.json --set containers.jenkins.resources.mem=6144',
    ],
  },
  demo: {
    usage: 'demo --once [--speed N]',
    summary: "play the tutorial's day on embedded systems, and compare with what must be",
    details: 'Its exit code is 1 where anything differs.',
    options: { once: 'play once and end', speed: 'so many times as fast [1]' },
    examples: ['demo --once', 'demo --once --speed 4'],
  },
  tutorial: {
    usage: 'tutorial STEP',
    summary: 'play a step of docs/tutorial.md on embedded systems, and compare with what must be',
    details:
      'STEP is a number or a name: 1 cluster, 2 jenkins, 3 builds, 4 labels, 5 crash, 6 failover, 7 pod. Each starts what ' +
      'it needs on 127.0.0.1, and ends it. The exit code is 1 where anything differs.',
    options: {},
    examples: ['tutorial 1', 'tutorial failover'],
  },
  'embedded-mesos': {
    usage: 'embedded-mesos [--port N] [--state DIR] [--hosts N]',
    summary: 'the embedded Mesos on its own',
    details: 'Tasks are processes on this machine. Ctrl-C ends it with all of them.',
    options: { port: PORT, state: STATE, hosts: 'so many equal small hosts [this machine as one]' },
    examples: ['embedded-mesos --port 5050 --hosts 3'],
  },
  'embedded-marathon': {
    usage: 'embedded-marathon --mesos URL [--port N] [--state DIR]',
    summary: 'a small Marathon over a Mesos, for pods and apps without images',
    details:
      'Containers run their commands on the hosts of that Mesos. Ctrl-C ends it and leaves what it runs; ' +
      'the next start with the same --state takes it over.',
    options: { mesos: 'the master, such as http://127.0.0.1:5050', port: PORT, state: STATE },
    examples: ['embedded-marathon --mesos http://127.0.0.1:5050 --port 8080'],
  },
  'embedded-jenkins': {
    usage: 'embedded-jenkins [--port N] [--state DIR]',
    summary: 'the embedded Jenkins on its own',
    details: 'For trying things out. It prints users and tokens.',
    options: { port: PORT, state: STATE },
    examples: ['embedded-jenkins --port 8080'],
  },
  help: {
    usage: 'help [COMMAND]',
    summary: 'this, or more of one command; the same as COMMAND --help',
    details: '',
    options: {},
    examples: ['help import'],
  },
  version: {
    usage: 'version',
    summary: 'print the version',
    details: '',
    options: {},
    examples: ['version'],
  },
}
