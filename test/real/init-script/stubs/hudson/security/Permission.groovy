package hudson.security

class Permission {
  String id

  static Permission fromId(String id) { new Permission(id: id) }
}
