package hudson.security

class GlobalMatrixAuthorizationStrategy {
  List<String> granted = []

  void add(Permission permission, Object to) {
    granted << "${permission.id} ${to}".toString()
  }
}
