package import GatehousePolicy

// Every request, with its fields and their limits. `Request` says what they are used for.

/// Asks why a login would be allowed or denied.
package struct ExplainRequest: Request {
  /// The daemon's reply.
  package typealias Reply = ExplainReply

  package static let kind = RequestKind.explain
  package static let meaning = "why a login would be allowed or denied"
  package static let fields: [RequestField<Self>] = [
    .init(.service, \.service, .text(1...255), "the PAM service to judge as"),
    .init(.user, \.user, .text(1...1024), "the user who would log in"),
    .init(
      .remoteHost, optional: \.remoteHost, .text(0...255), cut: true,
      "what PAM_RHOST would hold; a longer one is cut. Without it, it is empty"),
    .init(
      .origin, optional: \.origin, .name(1...16),
      "where the login comes from, in place of PAM_RHOST: "
        + OriginWord.allCases.map(\.rawValue).joined(separator: ", ")),
    .init(.role, optional: \.role, .name(1...64), "the role that is asked for"),
    .init(
      .groups, optional: \.groups, .texts(1...255),
      "the user's groups, none if it is empty. Without it the directory is asked"),
    .init(.time, optional: \.time, .time, "when the login is; without it, now"),
  ]

  /// The PAM service to judge as.
  package var service: Name = ""
  /// The user who would log in.
  package var user: Name = ""
  /// What PAM_RHOST would hold; nil if that is nothing.
  package var remoteHost: Name?
  /// Where the login comes from, as an `OriginWord`; nil if PAM_RHOST tells.
  package var origin: String?
  /// The role that is asked for.
  package var role: Name?
  /// The user's groups; nil if the directory is to be asked.
  package var groups: [Name]?
  /// When the login is; nil for now.
  package var time: Instant?

  package init() {}
}

/// Asks for the daemon's status.
package struct StatusRequest: Request {
  /// The daemon's reply.
  package typealias Reply = DaemonStatus

  package static let kind = RequestKind.status
  package static let meaning = "the daemon's status, and what it serves"
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// Asks the daemon to read the policy again.
package struct ReloadRequest: Request {
  /// The daemon's reply.
  package typealias Reply = ReloadVerdict

  package static let kind = RequestKind.reload
  package static let meaning =
    "the policy is read again, and serves if it has no error and shuts out nobody who could repair it"
  package static let fields: [RequestField<Self>] = [
    .init(.user, optional: \.asker, .text(1...1024), cut: true, "the user who asks, cut"),
    .askerHost(\.askerHost), .allow(\.allow),
    .init(
      .digest, optional: \.digest, .name(64...64),
      "the SHA-256 of the policy that is meant, in hexadecimal; another one is refused"),
  ]

  /// The asker; nil if nobody is named.
  package var asker: Name?
  /// The address that the asker's login came from; nil if there is none.
  package var askerHost: Name?
  /// What `--allow-lockout` named; nil if it was not given.
  package var allow: Name?
  /// The SHA-256 of the policy that is meant, in hexadecimal; nil for whatever is in the folder.
  package var digest: String?

  package init() {}
}

/// Asks what a reload would make of a policy.
package struct JudgeRequest: AttributedRequest {
  /// The daemon's reply.
  package typealias Reply = JudgeReply

  package static let kind = RequestKind.judge
  package static let meaning = "what a reload would make of a policy; it changes nothing"
  package static let carriesPolicy = true
  package static let fields: [RequestField<Self>] = [
    .asker(\.asker), .askerHost(\.askerHost), .allow(\.allow),
  ]

  /// The asker.
  package var asker: Name = ""
  /// The address that the asker's login came from; nil if there is none.
  package var askerHost: Name?
  /// What `--allow-lockout` named; nil if it was not given.
  package var allow: Name?

  package init() {}
}

/// Asks for a trial: a candidate policy serves for a time, and ends unless it is confirmed.
package struct TrialRequest: AttributedRequest {
  /// The daemon's reply.
  package typealias Reply = TrialVerdict

  package static let kind = RequestKind.trial
  package static let meaning =
    "a candidate serves for a time, and then no longer unless it is confirmed"
  package static let carriesPolicy = true
  package static let fields: [RequestField<Self>] = [
    .asker(\.asker), .askerHost(\.askerHost),
    .init(
      .duration, \.duration, .seconds(1...UInt32(longest.components.seconds)),
      "for how long"),
    .allow(\.allow),
  ]

  /// The longest trial.
  package static let longest = Duration.seconds(604_800)

  /// The asker.
  package var asker: Name = ""
  /// The address that the asker's login came from; nil if there is none.
  package var askerHost: Name?
  /// The length of the trial.
  package var duration = Duration.zero
  /// What `--allow-lockout` named; nil if it was not given.
  package var allow: Name?

  package init() {}
}

/// Asks whether the asker may confirm the candidate on trial.
package struct ConfirmRequest: AttributedRequest {
  /// The daemon's reply.
  package typealias Reply = TrialVerdict

  package static let kind = RequestKind.confirm
  package static let meaning =
    "whether the asker may confirm the candidate on trial; it changes nothing"
  package static let fields: [RequestField<Self>] = [
    .asker(\.asker), .askerHost(\.askerHost),
    .init(.digest, \.digest, .name(64...64), "the SHA-256 of the candidate, in hexadecimal"),
  ]

  /// The asker.
  package var asker: Name = ""
  /// The address that the asker's login came from; nil if there is none.
  package var askerHost: Name?
  /// The SHA-256 of the candidate, in hexadecimal.
  package var digest = ""

  package init() {}
}

/// Asks to end the trial now: the policy's folder is read again, and serves.
package struct EndTrialRequest: AttributedRequest {
  /// The daemon's reply.
  package typealias Reply = TrialVerdict

  package static let kind = RequestKind.endTrial
  package static let meaning = "the trial ends now: the policy's folder is read, and serves"
  package static let fields: [RequestField<Self>] = [
    .asker(\.asker), .askerHost(\.askerHost),
  ]

  /// The asker.
  package var asker: Name = ""
  /// The address that the asker's login came from; nil if there is none.
  package var askerHost: Name?

  package init() {}
}

/// Asks for a temporary permission.
package struct GrantRequest: SignedRequest {
  /// The daemon's reply.
  package typealias Reply = GrantVerdict

  package static let kind = RequestKind.grant
  package static let meaning = "a user may come from an address or a network for a time"
  package static let fields: [RequestField<Self>] = [
    .init(.user, \.user, .text(1...1024), "the user who is let in"),
    .init(
      .address, \.address, .text(1...64),
      "the address or prefix that the user may come from, or `self`"),
    .init(.service, optional: \.service, .text(1...255), "the one PAM service; without it, all"),
    .init(.role, optional: \.role, .name(1...64), "the role that is made available"),
    .init(.duration, \.duration, .seconds(0...UInt32.max), "for how long"),
    .author(\.author),
    .init(.why, \.why, .text(1...512), "why"),
  ]

  /// The user who is let in.
  package var user: Name = ""
  /// The address or prefix that the user may come from, as a text that may be anything.
  package var address = ""
  /// The one PAM service; nil for all.
  package var service: Name?
  /// The role that is made available; nil for none.
  package var role: Name?
  /// For how long.
  package var duration = Duration.zero
  /// Who gives it, in words.
  package var author = ""
  /// Why, in words.
  package var why = ""

  package init() {}
}

/// Asks which temporary permissions there are.
package struct GrantsRequest: Request {
  /// The daemon's reply.
  package typealias Reply = GrantList

  package static let kind = RequestKind.grants
  package static let meaning = "the grants that are in effect"
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// Asks to end a temporary permission now.
package struct RevokeRequest: SignedRequest {
  /// The daemon's reply.
  package typealias Reply = GrantVerdict

  package static let kind = RequestKind.revoke
  package static let meaning = "a grant ends now"
  package static let fields: [RequestField<Self>] = [
    .init(.id, \.id, .name(1...64), "the grant's id"),
    .author(\.author),
    .init(.why, optional: \.why, .text(1...512), "why"),
  ]

  /// The grant's id.
  package var id = ""
  /// Who ends it, in words.
  package var author = ""
  /// Why, in words; nil if nothing was said.
  package var why: String?

  package init() {}
}

/// Asks to show a denial, or to turn it into a temporary permission.
package struct ApproveRequest: SignedRequest {
  /// The daemon's reply.
  package typealias Reply = GrantVerdict

  package static let kind = RequestKind.approve
  package static let meaning = "a denial is shown, or turned into a grant"
  package static let fields: [RequestField<Self>] = [
    .init(.id, \.id, .name(1...64), "the denial, by the id that the user quotes"),
    .init(
      .duration, optional: \.duration, .seconds(0...UInt32.max),
      "for how long; without it the denial is only shown"),
    .author(\.author),
    .init(.why, optional: \.why, .text(1...512), "why"),
  ]

  /// The denial, by the id that the user quotes.
  package var id = ""
  /// For how long; nil if the denial is only to be shown.
  package var duration: Duration?
  /// Who approves it, in words.
  package var author = ""
  /// Why, in words; nil if nothing was said.
  package var why: String?

  package init() {}
}

/// Asks what the watched policies decided differently.
package struct ShadowRequest: Request {
  /// The daemon's reply.
  package typealias Reply = ShadowState

  package static let kind = RequestKind.shadow
  package static let meaning = "what the watched policies decided differently"
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// Asks to decide each login by a candidate policy too, without effect.
package struct StartShadowRequest: Request {
  /// The daemon's reply.
  package typealias Reply = ShadowVerdict

  package static let kind = RequestKind.startShadow
  package static let meaning = "each login is decided by a candidate too, without effect"
  package static let carriesPolicy = true
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// Asks to stop the shadow candidate.
package struct StopShadowRequest: Request {
  /// The daemon's reply.
  package typealias Reply = ShadowVerdict

  package static let kind = RequestKind.stopShadow
  package static let meaning = "the shadow candidate is stopped"
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// Asks to take the questions of a process as tests until it ends, and then says what was answered.
///
/// The tests are over when the process has ended, or the connection of the request.
package struct PAMTestRequest: Request {
  /// The daemon's reply.
  package typealias Reply = PAMTestResult

  package static let kind = RequestKind.pamTest
  package static let meaning = "the questions of a process are tests, until it ends; what they gave"
  package static let fields: [RequestField<Self>] = [
    .init(.process, \.process, .number(1...Int64(Int32.max)), "the process that will ask"),
    .init(
      .started, \.started, .number(0...Int64.max),
      "when it was started: field 22 of /proc/PID/stat"),
  ]

  /// The process that will ask.
  package var process: Int64 = 0
  /// When it was started, in clock ticks since the boot: field 22 of /proc/PID/stat.
  package var started: Int64 = 0

  package init() {}
}

/// Asks what the login record has of each PAM service.
package struct ServicesRequest: Request {
  /// The daemon's reply.
  package typealias Reply = ServiceUses

  package static let kind = RequestKind.services
  package static let meaning = "what the login record has of each PAM service"
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// Asks what the login record has of the places from which users came.
package struct PlacesRequest: Request {
  /// The daemon's reply.
  package typealias Reply = PlaceList

  package static let kind = RequestKind.places
  package static let meaning = "what the login record has of the places from which users came"
  package static let fields: [RequestField<Self>] = [
    .init(.user, optional: \.user, .text(1...1024), "the one user; without it, all")
  ]

  /// The one user; nil for all.
  package var user: Name?

  package init() {}
}

/// Gives the login record what the machine's journal knows of the time before it.
package struct HistoryRequest: Request {
  /// The daemon's reply.
  package typealias Reply = HistoryVerdict

  package static let kind = RequestKind.history
  package static let meaning =
    "the login record gets what the journal knows of the time before it, once"
  package static let carriesRecord = true
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// Asks which login sessions are open, and what the serving policy decides of them.
package struct SessionsRequest: Request {
  /// The daemon's reply.
  package typealias Reply = SessionVerdicts

  package static let kind = RequestKind.sessions
  package static let meaning = "the open login sessions, and what the policy decides of them"
  package static let fields: [RequestField<Self>] = []

  package init() {}
}

/// A request of a user in a login session; the daemon checks the session and records the user.
package protocol AttributedRequest: Request {
  /// The asker.
  var asker: Name { get set }
  /// The address that the asker's login came from; nil if there is none.
  var askerHost: Name? { get set }
}

/// A request that is recorded with the asker's name.
package protocol SignedRequest: Request {
  /// The asker, in words.
  var author: String { get set }
}

/// Asks to read users anew, and to believe the directory whatever it has lost.
package struct RefreshRequest: Request {
  /// The daemon's reply.
  package typealias Reply = RefreshReply

  package static let kind = RequestKind.refresh
  package static let meaning =
    "a user is read anew, and what the directory says is believed; without a user, everybody is read "
    + "anew at the next login"
  package static let fields: [RequestField<Self>] = [
    .init(.user, optional: \.user, .text(1...1024), "the one user; without it, all")
  ]

  /// The one user; nil for all.
  package var user: Name?

  package init() {}
}

/// Says which letters were sent, and asks which are still to be sent.
package struct LettersRequest: Request {
  /// The daemon's reply.
  package typealias Reply = LettersReply

  package static let kind = RequestKind.letters
  package static let meaning =
    "the letters to users who authorise a place of their own; those that were sent are forgotten"
  package static let fields: [RequestField<Self>] = [
    .init(.sent, \.ids, .texts(1...64), "the ids of letters that were sent")
  ]

  /// How many ids surely have room in one frame; the others go with the next request.
  package static let mostSent = 200

  /// The ids of letters that were sent, at most `mostSent`.
  package var sent: [String] {
    get { ids.map { String(decoding: $0.bytes, as: UTF8.self) } }
    set { ids = newValue.map { Name($0) } }
  }

  /// The same as they travel: a request may hold any bytes.
  private var ids: [Name] = []

  package init() {}
}

// Fields that several requests have.
extension RequestField {
  fileprivate static func asker(_ property: any WritableKeyPath<Owner, Name> & Sendable) -> Self {
    .init(.user, property, .text(1...1024), cut: true, "the user who asks, cut")
  }

  fileprivate static func askerHost(
    _ property: any WritableKeyPath<Owner, Name?> & Sendable
  ) -> Self {
    .init(
      .remoteHost, optional: property, .text(0...255), cut: true,
      "the address that the asker's login came from, cut")
  }

  fileprivate static func allow(_ property: any WritableKeyPath<Owner, Name?> & Sendable) -> Self {
    .init(
      .allow, optional: property, .text(1...1024),
      "what `--allow-lockout` named: users joined by commas, `all` or `unjudged`")
  }

  fileprivate static func author(_ property: any WritableKeyPath<Owner, String> & Sendable) -> Self
  {
    .init(.author, property, .text(1...255), cut: true, "who asks, in words; only recorded, cut")
  }
}
