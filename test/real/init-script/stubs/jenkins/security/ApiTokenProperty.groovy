package jenkins.security

class ApiTokenProperty {
  final Store tokenStore = new Store()

  static class Token {
    String uuid
    String name
  }

  static class Fresh {
    public String tokenUuid
    public String plainValue
  }

  static class Store {
    List<Token> tokens = []
    int made = 0

    Collection<Token> getTokenListSortedByName() { tokens.sort(false) { it.name } }

    Fresh generateNewToken(String name) {
      made++
      tokens << new Token(uuid: "uuid-${made}", name: name)
      new Fresh(tokenUuid: "uuid-${made}", plainValue: '11' + made.toString().padLeft(32, 'e'))
    }

    Token revokeToken(String uuid) {
      Token token = tokens.find { it.uuid == uuid }
      tokens.remove(token)
      token
    }
  }
}
