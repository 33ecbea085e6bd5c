import GatehousePolicy

// What every entry about a login says of it.

extension Asked {
  /// The address; for an unknown origin what there is of a name, which is no address.
  var place: String {
    hostName.map { "unknown \"\($0)\"" } ?? origin.description
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
  /// The fields of an entry about a login, in order.
  struct Fields {
    private(set) var all: [Field]

    init(messageID: String) { all = [Field(name: "MESSAGE_ID", value: messageID)] }

    /// Adds a field, where it has a value.
    mutating func add(_ name: String, _ value: String?) {
      if let value { all.append(Field(name: "GATEHOUSE_\(name)", value: value)) }
    }

    /// Adds what was asked.
    mutating func add(_ asked: Asked) {
      add("SERVICE", asked.service.description)
      add("ORIGIN", asked.origin.description)
      add("ORIGIN_KIND", asked.originKind)
      add("SESSION", asked.session)
      add("HOST_NAME", asked.session == nil ? nil : asked.hostName?.description)
      add("RHOST", asked.remoteHost?.description)
      add("RUSER", asked.remoteUser?.description)
      add("TTY", asked.terminal?.description)
      add("AUTH", asked.authInfo?.description)
    }
  }
}
