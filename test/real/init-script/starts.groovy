// Starts of a Jenkins made of stubs, one after the other: prints what the script left behind after each, as JSON lines.
// Arguments: the script, and the names of the starts.
import groovy.json.JsonOutput
import hudson.model.User
import hudson.security.GlobalMatrixAuthorizationStrategy
import hudson.security.HudsonPrivateSecurityRealm
import hudson.security.ProjectMatrixAuthorizationStrategy
import jenkins.model.Jenkins

File script = new File(args[0])
File token = new File(System.getenv('MESOS_SIDECAR_TOKEN_FILE') ?: '/nowhere')

Closure fresh = { Object realm, Object strategy ->
  User.ALL.clear()
  Jenkins.instance = new Jenkins(securityRealm: realm, authorizationStrategy: strategy)
  token.delete()
}
Map<String, Closure> before = [
  fresh: { fresh(new HudsonPrivateSecurityRealm(), new GlobalMatrixAuthorizationStrategy()) },
  project: { fresh(new HudsonPrivateSecurityRealm(), new ProjectMatrixAuthorizationStrategy()) },
  'no matrix': { fresh(new HudsonPrivateSecurityRealm(), new Object()) },
  'other realm': { fresh(new Object(), new GlobalMatrixAuthorizationStrategy()) },
  'user there': {
    fresh(new Object(), new GlobalMatrixAuthorizationStrategy())
    User.ALL['mesos-sidecar'] = new User(id: 'mesos-sidecar')
    User.ALL['mesos-sidecar'].tokens.tokenStore.generateNewToken('by a person')
  },
  'no property': {
    fresh(null, null)
    Jenkins.instance = null
  },
  again: {},
  'file gone': { token.delete() },
]
args.tail().each { name ->
  before[name].call()
  new GroovyShell(this.class.classLoader).evaluate(script)
  def jenkins = Jenkins.instance
  def strategy = jenkins?.authorizationStrategy
  println JsonOutput.toJson([
    start: name,
    users: User.ALL.keySet(),
    passwords: jenkins?.securityRealm instanceof HudsonPrivateSecurityRealm ? jenkins.securityRealm.passwords*.length() : [],
    granted: strategy instanceof GlobalMatrixAuthorizationStrategy ? strategy.granted : [],
    tokens: User.ALL['mesos-sidecar']?.tokens?.tokenStore?.tokens?.collect { "${it.uuid} ${it.name}" } ?: [],
    file: token.exists() ? token.text : null,
  ])
}
