internal import GatehouseWire

/// What a program tells PAM about where somebody comes from.
public enum GivenOrigin: String, Hashable, Sendable {
  /// The address of the client, in PAM_RHOST.
  case address
  /// Nothing, though it serves the network.
  case nothing
  /// A host's name in the place of an address.
  case hostName = "host_name"
  /// Nothing, and that is right: it serves only who is in the machine already, or sits at it.
  case local
  /// Nobody has looked at this program.
  case unknown
}

/// What the login record has of the logins by a service.
public struct SeenLogins: Hashable, Sendable {
  /// How many came with an address.
  public var withAddress: Int
  /// How many came without one.
  public var withoutAddress: Int

  /// What was seen.
  public init(withAddress: Int, withoutAddress: Int) {
    (self.withAddress, self.withoutAddress) = (withAddress, withoutAddress)
  }
}

/// What is known of the program behind a service.
public struct KnownProgram: Hashable, Sendable {
  /// What it tells PAM.
  public var gives: GivenOrigin
  /// How that was found out.
  public var source: String

  /// What is known of the program that asks as this service.
  /// - Parameters:
  ///   - service: The PAM service.
  ///   - version: The version of an installed package, by its name.
  /// - Returns: What is known, and how; `unknown` if nobody has looked at it.
  public static func behind(
    _ service: String, version: (String) -> String? = { _ in nil }
  ) -> KnownProgram {
    if LocalService.of(Array(service.utf8).span) != nil {
      return KnownProgram(gives: .local, source: "serves only who is in the machine already")
    }
    if service == "xrdp-sesman" {
      guard let version = version("xrdp") else {
        return KnownProgram(
          gives: .unknown, source: "xrdp gives the address from 0.10 on, and not before")
      }
      return version.hasPrefix("0.9")
        ? KnownProgram(gives: .nothing, source: "xrdp 0.9.21, by a real client")
        : KnownProgram(gives: .address, source: "its source, 0.10")
    }
    for row in rows where row.services.contains(service) {
      return KnownProgram(gives: row.gives, source: row.source)
    }
    return KnownProgram(gives: .unknown, source: "nobody has looked at this program")
  }

  /// What the login record has seen of a program that nobody has looked at; the same if nothing.
  func seen(_ logins: SeenLogins?) -> KnownProgram {
    guard gives == .unknown, let logins, logins.withAddress + logins.withoutAddress > 0 else {
      return self
    }
    return logins.withAddress > 0
      ? KnownProgram(gives: .address, source: "the login record: logins by it had an address")
      : KnownProgram(gives: .nothing, source: "the login record: no login by it had an address")
  }

  private struct Row {
    var services: [String]
    var gives: GivenOrigin
    var source: String

    init(_ services: String, _ gives: GivenOrigin, _ source: String) {
      self.services = services.split(separator: " ").map(String.init)
      self.gives = gives
      self.source = source
    }
  }

  private static let calls = "its calls of pam_set_item"

  /// Read in the programs' sources of Debian 12, or tried with a real client.
  private static let rows: [Row] = [
    Row("sshd", .address, "a real client, and SSH_CONNECTION with UseDNS"),
    Row("vsftpd dovecot", .address, "a real client"),
    Row("cockpit", .address, "a real client; IPv4 as ::ffff:a.b.c.d"),
    Row(
      "openvpn proftpd samba cups postgresql nginx apache2 httpd ejabberd", .address, calls),
    Row("pure-ftpd", .hostName, "a real client: the server's own name"),
    Row("saslauthd imap smtp pop sieve ldap", .nothing, "saslauthd, by testsaslauthd"),
    Row("vnc tigervnc xvnc", .nothing, "Xtigervnc: \(calls)"),
    Row("shellinabox", .nothing, calls),
    Row("mysql mariadb", .nothing, "MariaDB auth_pam: \(calls)"),
    Row("radiusd freeradius", .nothing, calls),
    Row("exim exim4 pwauth", .nothing, calls),
  ]
}
