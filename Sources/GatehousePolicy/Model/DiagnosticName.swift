/// Every error by its stable name.
///
/// gatehouse-policy(5) has a table of them.
public enum ErrorName: String, CaseIterable, Codable, Sendable {
  // What a file is.
  case unreadableFile = "unreadable_file"
  case changingFiles = "changing_files"
  case deadlyPolicy = "deadly_policy"
  case otherContent = "other_content"
  case damagedContent = "damaged_content"
  case emptyFile = "empty_file"
  case missingVersion = "missing_version"
  case unsupportedVersion = "unsupported_version"

  // What is written in it.
  case badEncoding = "bad_encoding"
  case yamlSyntax = "yaml_syntax"
  case yamlFeature = "yaml_feature"
  case unquotedAddress = "unquoted_address"
  case tooDeep = "too_deep"

  // Keys and the kinds of their values.
  case unknownKey = "unknown_key"
  case duplicateKey = "duplicate_key"
  case missingKey = "missing_key"
  case definedTwice = "defined_twice"
  case emptyValue = "empty_value"
  case wrongKind = "wrong_kind"
  case wrongValue = "wrong_value"

  // What a value means.
  case badAddress = "bad_address"
  case badName = "bad_name"
  case badTime = "bad_time"
  case emptyWindow = "empty_window"
  case unknownPlaceholder = "unknown_placeholder"
  case unknownNetwork = "unknown_network"
  case unknownRole = "unknown_role"
  case networkCycle = "network_cycle"
  case tooManyParts = "too_many_parts"
  case failingTest = "failing_test"

  // What the machine tells.
  case foreignName = "foreign_name"
  case otherSpelling = "other_spelling"
  case unknownUser = "unknown_user"
  case unknownGroup = "unknown_group"

  // What PAM's files tell.
  case pamOption = "pam_option"

  // What the daemon does not show.
  case omitted
}

/// Every warning by its stable name, which a policy's `silence` may list.
///
/// gatehouse(1) has a table of them.
public enum WarningName: String, CaseIterable, Codable, Sendable {
  // What the policy alone tells.
  case unreachableList = "unreachable_list"
  case hiddenRule = "hidden_rule"
  case idleException = "idle_exception"
  case expiresSoon = "expires_soon"
  case expiredEntry = "expired_entry"
  case emptySoon = "empty_soon"
  case emptyRole = "empty_role"
  case blockedEntry = "blocked_entry"
  case blocksEveryone = "blocks_everyone"
  case privacyAddress = "privacy_address"
  case unspecifiedAddress = "unspecified_address"
  case noList = "no_list"
  case noBreakGlass = "no_break_glass"
  case openBreakGlass = "open_break_glass"
  case nothingGotYet = "nothing_got_yet"
  case contentIsOld = "content_is_old"
  case feedInEveryone = "feed_in_everyone"
  case feedInBreakGlass = "feed_in_break_glass"
  case anybodyCanRent = "anybody_can_rent"

  // What the files tell.
  case ignoredFile = "ignored_file"
  case insecureFile = "insecure_file"
  case readingNotKnown = "reading_not_known"
  case unfinishedChange = "unfinished_change"

  // What the machine tells.
  case unknownUser = "unknown_user"
  case unknownGroup = "unknown_group"
  case unknownService = "unknown_service"
  case foreignName = "foreign_name"
  case otherSpelling = "other_spelling"
  case userNotRead = "user_not_read"
  case groupNotRead = "group_not_read"
  case ownAddress = "own_address"
  case youAreNotListed = "you_are_not_listed"
  case serviceAccountRemote = "service_account_remote"
  case nobodyIsTold = "nobody_is_told"
  case sssdAttributes = "sssd_attributes"
  case databaseMissing = "database_missing"
  case databaseIsOld = "database_is_old"

  // What PAM's files tell.
  case pamLineWithoutEffect = "pam_line_without_effect"
  case pamLineNeverDenies = "pam_line_never_denies"
  case pamUnknownName = "pam_unknown_name"
  case pamFileUnreadable = "pam_file_unreadable"
  case localNotAsked = "local_not_asked"
  case factorNotAsked = "factor_not_asked"
  case codeNotAsked = "code_not_asked"

  // What the machine's doors tell.
  case loginsNotJudged = "logins_not_judged"
  case nobodyGetsIn = "nobody_gets_in"
  case doorNotKnown = "door_not_known"
  case givesNoAddress = "gives_no_address"
  case wayAround = "way_around"
  case countsRefusals = "counts_refusals"
  case besidePAM = "beside_pam"
  case jumpMisses = "jump_misses"
  case codeMisses = "code_misses"
}

extension Policy {
  /// The diagnostics without the warnings that the policy silences; errors are never silenced.
  public func unsilenced(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    diagnostics.filter { diagnostic in
      diagnostic.severity == .error
        || !(WarningName(rawValue: diagnostic.name).map(silenced.contains) ?? false)
    }
  }
}
