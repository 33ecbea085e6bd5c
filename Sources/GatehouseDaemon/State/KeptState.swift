import GatehouseControl
import GatehouseGuard
import GatehousePolicy
import GatehouseState

/// Everything that the daemon keeps in its folder: each kind, with its fields and their bounds.
///
/// A kind that is added is one description here. If a layout changes, its version is raised.
enum KeptState {
  // MARK: Grants and denials

  /// The grants: at most 1000, which is the most that a policy may allow.
  static let grants = StateKind(
    "grants", version: 2, .list("grants", of: grant, atMost: 1000),
    earlier: [1: .list("grants", of: grantWithoutCode, atMost: 1000)],
    firstVersion: { bytes in
      FirstVersion.records(bytes, titled: "gatehouse grants", width: 9) { fields in
        func text(_ index: Int) -> String { String(decoding: fields[index], as: UTF8.self) }
        func name(_ index: Int) -> Name? {
          fields[index].isEmpty ? nil : Name(bytes: fields[index])
        }
        guard let user = name(1), let place = Origin(kept: text(2)).flatMap({ GrantPlace($0) }),
          let since = FirstVersion.instant(text(5)), let until = FirstVersion.instant(text(6))
        else { return nil }
        return Grant(
          id: text(0), user: user, place: place, service: name(3), role: name(4), since: since,
          until: until, author: text(7), why: text(8))
      }
    })

  private static let grant = Layout<Grant>.record(
    "grant", .text("id", atMost: 64), .user, .place("origin"), .optional(.service),
    .optional(.role), .instant("since"), .instant("until"), .text("author"), .text("why"),
    .optional(.text("code denial", atMost: 64)),
    make: {
      Grant(
        id: $0, user: $1, place: $2, service: $3, role: $4, since: $5, until: $6, author: $7,
        why: $8, codeDenial: $9)
    },
    take: {
      (
        $0.id, $0.user, $0.place, $0.service, $0.role, $0.since, $0.until, $0.author, $0.why,
        $0.codeDenial
      )
    })

  /// As it was before users could authorise a place by a code.
  private static let grantWithoutCode = Layout<Grant>.record(
    "grant", .text("id", atMost: 64), .user, .place("origin"), .optional(.service),
    .optional(.role), .instant("since"), .instant("until"), .text("author"), .text("why"),
    make: {
      Grant(
        id: $0, user: $1, place: $2, service: $3, role: $4, since: $5, until: $6, author: $7,
        why: $8)
    },
    take: {
      ($0.id, $0.user, $0.place, $0.service, $0.role, $0.since, $0.until, $0.author, $0.why)
    })

  /// The codes that are open, and who has caused how many.
  static let codes = StateKind<Codes.Kept>(
    "codes", version: 1,
    .record(
      "codes", .list("open", of: code, atMost: Codes.mostOpen),
      .list("causes", of: cause, atMost: Codes.mostCaused),
      make: { Codes.Kept(open: $0, causes: $1) }, take: { ($0.open, $0.causes) }))

  private static let code = Layout<Codes.Code>.record(
    "code", .text("denial", atMost: 64), .user, .address("address"), .service, .optional(.role),
    .bytes("salt", atMost: 32), .bytes("hash", atMost: 32), .instant("made"), .instant("until"),
    .count("tries", upTo: Codes.mostTries), .count("sent", upTo: 1),
    make: {
      Codes.Code(
        denial: $0, user: $1, address: $2, service: $3, role: $4, salt: $5, hash: $6, made: $7,
        until: $8, tries: $9, isSent: $10 == 1)
    },
    take: {
      (
        $0.denial, $0.user, $0.address, $0.service, $0.role, $0.salt, $0.hash, $0.made, $0.until,
        $0.tries, $0.isSent ? 1 : 0
      )
    })

  private static let cause = Layout<Codes.Cause>.record(
    "cause", .user, .instant("time"), make: { Codes.Cause(user: $0, time: $1) },
    take: { ($0.user, $0.time) })

  /// The denials that can be approved.
  static let denials = StateKind(
    "denials", version: 1, .list("denials", of: denial, atMost: Denials.limit),
    firstVersion: { bytes in
      FirstVersion.records(bytes, titled: "gatehouse denials", width: 8) { fields in
        func text(_ index: Int) -> String { String(decoding: fields[index], as: UTF8.self) }
        func name(_ index: Int) -> Name? {
          fields[index].isEmpty ? nil : Name(bytes: fields[index])
        }
        guard let time = FirstVersion.instant(text(1)), let user = name(2), let service = name(3),
          let reason = Reason(rawValue: text(6))
        else { return nil }
        return Denial(
          id: text(0), time: time, user: user, service: service, origin: Origin(kept: text(4)),
          role: name(5), reason: reason, authentication: name(7))
      }
    })

  private static let denial = Layout<Denial>.record(
    "denial", .text("id", atMost: 64), .instant("time"), .user, .service,
    .optional(.origin("origin")), .optional(.role), .word("reason"),
    .optional(.name("authentication", atMost: 1024)),
    make: {
      Denial(
        id: $0, time: $1, user: $2, service: $3, origin: $4, role: $5, reason: $6,
        authentication: $7)
    },
    take: {
      ($0.id, $0.time, $0.user, $0.service, $0.origin, $0.role, $0.reason, $0.authentication)
    })
}

// MARK: Policies

extension KeptState {
  /// The candidate on trial.
  static let trial = StateKind<KeptPolicy<TrialRecord>>(
    policy: "trial", version: 1, TrialRecord.layout,
    firstVersion: { bytes in
      guard
        let (values, archive) = FirstVersion.policy(bytes, titled: "gatehouse trial, format 1"),
        let author = values["author"], let boot = values["boot"], !boot.isEmpty,
        let began = values["began"].flatMap({ FirstVersion.instant($0) }),
        let end = values["end"].flatMap({ FirstVersion.sinceBoot($0) }),
        let sessions = values["sessions"]
      else { return nil }
      // When it began by the clock of the boot was not kept: it lasts no longer than a trial may.
      let record = TrialRecord(
        author: author, exempt: values["exempt"], began: began, boot: boot,
        start: max(.zero, end - TrialRequest.longest), end: end,
        sessions: Set(sessions.split(separator: " ").map(String.init)), subject: archive.digest)
      return KeptPolicy(record, archive)
    })

  /// Which policy is being loaded, and which ones the daemon died of.
  static let loading = StateKind<LoadMark.Record>(
    "loading", version: 1,
    .record(
      "loading", .text("boot", atMost: 256), .optional(.text("subject", atMost: 128)),
      .list("deaths", of: death, atMost: LoadMark.Record.subjectLimit),
      make: { boot, subject, deaths in
        LoadMark.Record(
          boot: boot, subject: subject, deaths: Dictionary(deaths) { first, _ in first })
      },
      take: { ($0.boot, $0.subject, $0.deaths.map { ($0.key, $0.value) }) }))

  private static let death = Layout<(String, Int)>.record(
    "death", .text("subject", atMost: 128), .count("deaths", upTo: LoadMark.deathCountLimit),
    make: { subject, deaths in (subject, deaths) }, take: { death in (death.0, death.1) })

  /// How many starts in a row have failed.
  static let failedStarts = StateKind<StartCount.Record>(
    "failed starts", version: 1,
    .record(
      "failed starts", .text("boot", atMost: 256),
      .count("failures", upTo: StartCount.Record.failureLimit),
      make: { StartCount.Record(boot: $0, failures: $1) }, take: { ($0.boot, $0.failures) }))

  // MARK: Counts

  /// What came out differently by the candidate in the shadow.
  static let shadowCounts = counts("shadow counts")
  /// What the serving policy would have denied in monitor mode.
  static let monitorCounts = counts("monitor counts")

  private static func counts(_ name: String) -> StateKind<ShadowCounts> {
    StateKind(
      name, version: 1,
      .record(
        "counts", .digest, .instant("since"), .logins("judged"), .logins("unjudged"),
        .logins("unlisted"), .list("places", of: place, atMost: ShadowCounts.placeLimit),
        make: { digest, since, judged, unjudged, unlisted, places in
          ShadowCounts(
            digest: digest, since: since,
            changes: LoginChanges(
              counts: Dictionary(places) { first, _ in first }, judged: judged, unjudged: unjudged,
              unlisted: unlisted, bound: ShadowCounts.placeLimit))
        },
        take: {
          (
            $0.digest, $0.since, $0.changes.judged, $0.changes.unjudged, $0.changes.unlisted,
            $0.changes.counts.map { ($0.key, $0.value) }
          )
        }), firstVersion: { firstVersionCounts($0) })
  }

  private static let place = Layout<(LoginChanges.LoginKind, LoginChanges.Count)>.record(
    "place", .user, .service, .optional(.role), .origin("origin"), .word("change"),
    .word("reason"), .optional(.text("rule")), .logins("logins"), .instant("first"),
    .instant("last"),
    make: { user, service, role, origin, change, reason, rule, logins, first, last in
      (
        LoginChanges.LoginKind(
          user: user, service: service, role: role, origin: origin, change: change, reason: reason,
          rule: rule), LoginChanges.Count(logins: logins, first: first, last: last)
      )
    },
    take: { place, count in
      (
        place.user, place.service, place.role, place.origin, place.change, place.reason, place.rule,
        count.logins, count.first, count.last
      )
    })

  private static func firstVersionCounts(_ bytes: [UInt8]) -> ShadowCounts? {
    func count(_ word: String) -> Int? {
      Int(word).flatMap { (0...Layout<Int>.loginLimit).contains($0) ? $0 : nil }
    }
    func name(_ word: String) -> Name? {
      FirstVersion.bytes(hexadecimal: word).map { Name(bytes: $0) }
    }
    guard var lines = FirstVersion.lines(bytes, titled: "gatehouse changes, format 1")?[...],
      let policy = lines.popFirst(), policy.count == 3, policy[0] == "policy",
      let since = FirstVersion.instant(policy[2]),
      let logins = lines.popFirst(), logins.count == 4, logins[0] == "logins",
      let judged = count(logins[1]), let unjudged = count(logins[2]),
      let unlisted = count(logins[3]), lines.count <= ShadowCounts.placeLimit
    else { return nil }
    var places: [LoginChanges.LoginKind: LoginChanges.Count] = [:]
    for words in lines {
      guard words.count == 11, words[0] == "place", let change = AccessChange(rawValue: words[1]),
        let reason = Reason(rawValue: words[2]), let logins = count(words[3]),
        let first = FirstVersion.instant(words[4]), let last = FirstVersion.instant(words[5]),
        let origin = Origin(kept: words[6]), let user = name(words[7]),
        let service = name(words[8]),
        let role = words[9] == "-" ? .some(nil) : name(words[9]).map(Optional.some),
        let rule = words[10] == "-"
          ? .some(nil) : name(words[10]).map({ Optional.some($0.description) })
      else { return nil }
      let place = LoginChanges.LoginKind(
        user: user, service: service, role: role, origin: origin, change: change, reason: reason,
        rule: rule)
      places[place] = LoginChanges.Count(logins: logins, first: first, last: last)
    }
    return ShadowCounts(
      digest: policy[1], since: since,
      changes: LoginChanges(
        counts: places, judged: judged, unjudged: unjudged, unlisted: unlisted,
        bound: ShadowCounts.placeLimit))
  }
}
