/// Why a word is left out of the policy.
struct Omission: Error, Equatable {
  /// The stable name of the finding.
  let name: String
  /// Why, to follow the word: "is a host name, …".
  let reason: String
}

extension Omission {
  static let ownHost = Omission(
    name: "own_host_name",
    reason: "holds on some machines alone, by the machine's own host name, which a policy does not"
      + " know")
  static let userNetgroup = Omission(
    name: "user_netgroup", reason: "is a netgroup of users, and a policy has only Unix groups")
  static let hostNetgroup = Omission(
    name: "host_netgroup", reason: "is a netgroup of hosts, and a policy has only addresses")
  static let notText = Omission(
    name: "not_text", reason: "is not UTF-8, and a policy is UTF-8 text")
  static let local = Omission(
    name: "local_login",
    reason: "means logins without a remote host, which have no address: a policy does not judge"
      + " them (see local= of pam_gatehouse)")
  static let word = Omission(
    name: "host_name",
    reason: "is no address but a host name, or a terminal or service of a login without a remote"
      + " host: names are never looked up")
  static let domain = Omission(
    name: "host_name", reason: "is a domain of host names: names are never looked up")
  static let addressEnding = Omission(
    name: "address_ending",
    reason: "matches every address whose text ends in it, which are too many to list")
  static let scatteredMask = Omission(
    name: "scattered_mask",
    reason: "has a mask with gaps, which matches addresses too scattered to list")
  static let zone = Omission(
    name: "zone", reason: "names an interface, and a policy knows addresses alone")
}
