package org.jenkinsci.plugins.matrixauth

class PermissionEntry {
  String sid

  static PermissionEntry user(String sid) { new PermissionEntry(sid: sid) }

  String toString() { "USER:${sid}" }
}
