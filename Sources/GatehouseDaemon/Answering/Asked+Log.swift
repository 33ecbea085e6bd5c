import GatehousePolicy

// What every entry about a login says of it.

extension Asked {
  /// The origin as the refused user reads it: their address, or what stands in its place.
  var shownOrigin: String { hostName?.description ?? origin.description }

  fileprivate var originKind: String {
    switch origin {
    case .address: "address"
    case .local: "local"
    case .unknown: "unknown"
    }
  }
}

extension LogText {
  /// Adds who asked, from where, and for what: `alice from 203.0.113.9 (sshd)`.
  ///
  /// An unknown origin is what there is of a name, which is no address.
  mutating func append(_ user: Name, of asked: Asked) {
    append(user)
    append(" from ")
    if let hostName = asked.hostName {
      append("unknown \"")
      append(hostName)
      append("\"")
    } else {
      append(asked.origin)
    }
    append(" (")
    append(asked.service)
    append(")")
  }

  /// Adds the reason, and the rule if one decided: `: listed, policy.yaml:10`.
  mutating func append(_ answer: LoginAnswer) {
    append(": ")
    append(answer.reason)
    if let rule = answer.decision?.rule {
      append(", ")
      append(rule)
    }
  }
}

extension LogEntry {
  /// Adds what was asked.
  mutating func add(_ asked: Asked) {
    add("GATEHOUSE_SERVICE", asked.service)
    add("GATEHOUSE_ORIGIN", asked.origin)
    add("GATEHOUSE_ORIGIN_KIND", asked.originKind)
    add("GATEHOUSE_SESSION", asked.session)
    add("GATEHOUSE_HOST_NAME", asked.session == nil ? nil : asked.hostName)
    add("GATEHOUSE_RHOST", asked.remoteHost)
    add("GATEHOUSE_RUSER", asked.remoteUser)
    add("GATEHOUSE_TTY", asked.terminal)
    add("GATEHOUSE_AUTH", asked.authInfo)
  }
}
