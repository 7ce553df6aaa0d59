/*
 * Makes the user of jenkins-mesos-sidecar with the rights it needs, and an API token for it in a file that the sidecar
 * reads. Lies in JENKINS_HOME/init.groovy.d and is run at each start of Jenkins; see docs/jenkins.md.
 *
 *   MESOS_SIDECAR_TOKEN_FILE  where the token goes, with mode 0600: JENKINS_TOKEN_FILE of the sidecar. Without it
 *                             nothing is done.
 *   MESOS_SIDECAR_USER        [mesos-sidecar]
 *
 * While the file is there nothing is changed. Without the file there is a new token, and the ones that this script made
 * before end. It gives rights only to a user that it makes itself, and only in a matrix. It never prints a token, and
 * nothing that goes wrong here keeps Jenkins from starting.
 */
import hudson.model.User
import hudson.security.HudsonPrivateSecurityRealm
import hudson.security.Permission
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.Paths
import java.nio.file.StandardCopyOption
import java.nio.file.attribute.PosixFilePermissions
import java.security.SecureRandom
import java.util.logging.Level
import java.util.logging.Logger
import jenkins.model.Jenkins
import jenkins.security.ApiTokenProperty

class MesosSidecarBootstrap {
  static final Logger LOG = Logger.getLogger('jenkins-mesos-sidecar.init')
  static final String TOKEN_NAME = 'jenkins-mesos-sidecar init script'
  static final List<String> RIGHTS = [
    'hudson.model.Hudson.Read',
    'hudson.model.Item.Read',
    'hudson.model.Computer.Create',
    'hudson.model.Computer.Connect',
    'hudson.model.Computer.Disconnect',
    'hudson.model.Computer.Delete',
  ]

  final Jenkins jenkins
  final String name
  final Path file

  MesosSidecarBootstrap(Jenkins jenkins, String name, Path file) {
    this.jenkins = jenkins
    this.name = name
    this.file = file
  }

  void run() {
    if (Files.exists(file)) {
      LOG.info("${file} is there: the user ${name} and its token are left as they are")
      return
    }
    User user = User.getById(name, false)
    if (user == null) {
      user = makeUser()
      if (user == null) return
      grant()
    }
    writeToken(user)
  }

  private User makeUser() {
    def realm = jenkins.securityRealm
    if (!(realm instanceof HudsonPrivateSecurityRealm)) {
      LOG.warning("users do not come from Jenkins' own list here: make the user ${name} where they come from, and start Jenkins again")
      return null
    }
    // Nobody logs in with it: the sidecar has the token.
    byte[] random = new byte[32]
    new SecureRandom().nextBytes(random)
    User user = realm.createAccount(name, random.encodeHex().toString())
    LOG.info("made the user ${name}")
    return user
  }

  /** GlobalMatrix and ProjectMatrix of the plugin matrix-auth, without which there are no such classes. */
  private void grant() {
    def strategy = jenkins.authorizationStrategy
    if (!isMatrix(strategy)) {
      LOG.warning("the authorization strategy ${strategy.class.name} is no matrix: give ${name} these rights there: ${RIGHTS.join(', ')}")
      return
    }
    RIGHTS.each { id ->
      Permission permission = Permission.fromId(id)
      if (permission == null) LOG.warning("this Jenkins has no right ${id}")
      else add(strategy, permission)
    }
    jenkins.save()
    LOG.info("gave ${name} the rights that the sidecar needs")
  }

  private static boolean isMatrix(Object strategy) {
    for (Class type = strategy.class; type != null; type = type.superclass) {
      if (type.name == 'hudson.security.GlobalMatrixAuthorizationStrategy') return true
    }
    return false
  }

  /** From matrix-auth 3.0 on an entry says whether it is a user or a group. */
  private void add(Object strategy, Permission permission) {
    Class entry
    try {
      entry = strategy.class.classLoader.loadClass('org.jenkinsci.plugins.matrixauth.PermissionEntry')
    } catch (ClassNotFoundException ignored) {
      strategy.add(permission, name)
      return
    }
    strategy.add(permission, entry.user(name))
  }

  private void writeToken(User user) {
    def property = user.getProperty(ApiTokenProperty)
    if (property == null) {
      property = new ApiTokenProperty()
      user.addProperty(property)
    }
    def store = property.tokenStore
    def old = store.tokenListSortedByName.findAll { it.name == TOKEN_NAME }.collect { it.uuid }
    def token = store.generateNewToken(TOKEN_NAME)
    // First the file: a token that nobody can use is worse than one too many.
    writePrivately(token.plainValue)
    old.each { store.revokeToken(it) }
    user.save()
    LOG.info("wrote an API token of ${name} to ${file}")
  }

  private void writePrivately(String text) {
    Path whole = file.toAbsolutePath()
    Files.createDirectories(whole.parent)
    Path part = Files.createTempFile(whole.parent, '.token', '', PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString('rw-------')))
    try {
      Files.write(part, text.getBytes('US-ASCII'))
      Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE)
    } finally {
      Files.deleteIfExists(part)
    }
  }
}

String path = System.getenv('MESOS_SIDECAR_TOKEN_FILE')
if (path) {
  try {
    String name = System.getenv('MESOS_SIDECAR_USER') ?: 'mesos-sidecar'
    new MesosSidecarBootstrap(Jenkins.get(), name, Paths.get(path)).run()
  } catch (Exception failure) {
    MesosSidecarBootstrap.LOG.log(Level.SEVERE, 'the user of jenkins-mesos-sidecar could not be made', failure)
  }
}
