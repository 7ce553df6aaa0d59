package jenkins.model

class Jenkins {
  static Jenkins instance = new Jenkins()
  Object securityRealm
  Object authorizationStrategy
  int saved = 0

  static Jenkins get() { instance }

  void save() { saved++ }
}
