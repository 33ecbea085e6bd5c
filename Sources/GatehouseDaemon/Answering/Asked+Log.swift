import GatehousePolicy

// What every entry about a login says of it.

extension Asked {
  /// The address; for an unknown origin what there is of a name, which is no address.
  var place: Place { Place(origin: origin, hostName: hostName) }

  struct Place: LogValue {
    fileprivate let origin: Origin
    fileprivate let hostName: Name?

    func write(to text: inout LogText) {
      guard let hostName else { return text.append(origin) }
      text.append("unknown \"")
      text.append(hostName)
      text.append("\"")
    }
  }

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
