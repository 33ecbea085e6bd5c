/// What an entry of gatehoused's log is about; the raw value is its MESSAGE_ID, which never changes.
///
/// Each has an entry in the message catalog, packaging/systemd/gatehouse.catalog, which
/// `journalctl -x` shows.
public enum EntryKind: String, CaseIterable, Sendable {
  /// A login was decided.
  case decision = "cd6ea7754a4f4d81bcc7da29e5486793"
  /// A question about networks was answered; no login is decided by it.
  case network = "7d6c7986d3004d969afee48a55174dbd"
  /// It was answered whether a second factor is needed; no login is decided by it.
  case factor = "9302a08377e9416f9fa5022181df6db2"
  /// A login came out differently by the candidate in the shadow.
  case shadowDecision = "d8e15c8158304950972acff59b8908da"
  /// A step of a trial.
  case trial = "3a315d2e1fa1402a999bd007d54a8af3"
  /// `gatehouse pam enable` was undone, because nobody confirmed it.
  case pamUndone = "294ee149262c4470998ab30984b06485"
  /// Logins by a service are not judged any more.
  case doorOpened = "fe4f89ee2547422d87b100728b94f404"
  /// A message could not be handed over, or can be again.
  case notTold = "b6165b83fc314c05ab4996ac776b3cd8"
  /// A grant began, changed or ended.
  case grant = "89bf6a747fb046f1bd117dcde4aa9c9c"
  /// A code by which a user authorises a place of their own was made, tried or used.
  ///
  /// Its fields: GATEHOUSE_CODE_EVENT (`CodeEvent`), GATEHOUSE_USER, GATEHOUSE_ORIGIN,
  /// GATEHOUSE_ORIGIN_KIND, GATEHOUSE_SERVICE, GATEHOUSE_ROLE, GATEHOUSE_DENIAL, and for a used one
  /// GATEHOUSE_GRANT.
  case code = "8cdb406080c947a4b3e61c2baebbc964"
  /// A policy serves from now on.
  case policyServes = "7d4b8e77dd854f68bc2d94d6b9a7c232"
  /// An error or a warning of a policy, or who would be shut out by it.
  case policyFinding = "76fd0708f79e48bdb00fe155b517688f"
  /// A policy was refused, and an earlier one serves on.
  case policyRefused = "efd9f882b9854467bfbe82647c270895"
  /// A policy was taken though the guard had something against it, or could judge nobody.
  case policyOverride = "96891f05df8644918b0105c3e6546b63"
  /// There is no policy to serve.
  case noPolicy = "486d21779bd3416e9f4da53c86136a40"
  /// The daemon died while it loaded a policy.
  case deadlyPolicy = "c08d8a213715447bbdea6dbf8d48ba6a"
  /// A candidate is decided beside the policy, or is not any more.
  case shadow = "63b2fbab336b4cc4964abbe3d770a3b1"
  /// Users and groups cannot be read.
  case directoryFails = "dea98c4600d34229904a2c9b15f3b423"
  /// They can be read again.
  case directoryAnswers = "eaa9792430d843d2af318ff933aece2a"
  /// It is not known where all logins come from.
  case originsUnknown = "a883f9a3f10c40a7b748fe64a1fb19f1"
  /// It is known again.
  case originsKnown = "9aa244c34785449fb8d8ac792a56a79c"
  /// Something that outlives a restart could not be read or kept.
  case stateNotKept = "44263397b2c7472096bf6f9d9eb63bc0"
  /// Log entries were lost.
  case entriesLost = "57b169cf6b6d4406a4423a80f2145b7f"
  /// The daemon listens.
  case started = "a139273d7baf4ff2911a103974797eb1"
  /// The daemon ends, as it was told to.
  case ended = "2c1e905138d444d4aac84602ed2e765c"
  /// The daemon could not start, or could not do something that was asked.
  case failed = "3684757b8da04f2ca6df8e15b3bfcb94"
  /// A program at the socket did what it must not, or there are too many.
  case client = "6704fd8e3a3b473ab43632241bd8aed5"
  /// The account stack is tried by `gatehouse pam test`.
  case pamTest = "6ac9c0e45e7c48cbba43b21d2d710c6c"
}

/// What became of a code by which a user authorises a place of their own; the raw value stands in the
/// field GATEHOUSE_CODE_EVENT.
public enum CodeEvent: String, CaseIterable, Codable, Sendable {
  /// It was made, and is to be sent.
  case made
  /// It was entered right, and gave a grant.
  case used
  /// A wrong one was entered.
  case wrong
  /// A third wrong one was entered, so the right one does not count any more.
  case ended
  /// None was made, because the user has caused as many as the policy's `per_day` says.
  case overLimit = "over_limit"
}
