import GatehouseJournal

extension ReportSchema {
  /// An object within reports.
  struct Part: Sendable {
    /// The name of its definition.
    let name: String
    let members: Members
    /// The members that only some have.
    let sometimes: Members

    init(_ name: String, _ members: Members, sometimes: Members = []) {
      self.name = name
      self.members = members
      self.sometimes = sometimes
    }
  }

  /// The members of an object that says how a login is decided.
  private static let verdict: Members = [
    ("decision", .word(verdicts)), ("reason", .text), ("roles", .list(.text)),
    ("rule", .optional(.text)), ("would_deny", .boolean),
  ]

  /// Where a second factor is needed, by the place alone.
  private static let reaches = ["needed", "new_places", "not_needed"]

  /// The members of an object that says where a second factor is needed.
  private static let factorReach: Members = [
    ("factor", .word(reaches)), ("reason", .text), ("rule", .optional(.text)),
  ]

  /// The members of decisions that are alike.
  private static let alikeLogins: Members = [
    ("count", .number), ("first", .time), ("last", .time), ("id", .text),
    ("machine", .optional(.text)), ("decision", .text), ("would_deny", .boolean),
    ("reason", .text), ("user", .text), ("origin", .definition("origin")),
    ("remote_host", .optional(.text)), ("service", .text), ("rule", .optional(.text)),
  ]

  /// The objects within reports.
  static let parts: [Part] = [
    Part("error", [("message", .text), ("remedy", .optional(.text))]),
    Part(
      "origin", [("kind", .text)],
      sometimes: [("address", .text), ("remote_host", .optional(.text))]),
    Part(
      "policy", [("sha256", .text), ("mode", .definition("mode"))],
      sometimes: [("generation", .optional(.number))]),
    Part("generation", [("generation", .number), ("sha256", .text)]),
    Part(
      "trial_state",
      [
        ("generation", .number), ("sha256", .text), ("mode", .definition("mode")),
        ("author", .text), ("allow_lockout", .optional(.text)), ("since", .time), ("until", .time),
        ("seconds_left", .number),
      ]),
    Part(
      "diagnostic",
      [
        ("severity", .text), ("name", .text), ("file", .optional(.text)),
        ("line", .optional(.number)), ("column", .optional(.number)), ("message", .text),
        ("remedy", .optional(.text)),
      ]),
    Part(
      "finding",
      [
        ("severity", .text), ("name", .text), ("subject", .text), ("file", .optional(.text)),
        ("line", .optional(.number)), ("message", .text), ("remedy", .optional(.text)),
      ]),
    Part(
      "import_finding",
      [
        ("severity", .text), ("name", .text), ("file", .text), ("line", .number),
        ("opens", .boolean), ("message", .text),
      ]),
    Part("attention", [("name", .text), ("message", .text), ("remedy", .optional(.text))]),
    Part(
      "test_result",
      [
        ("rule", .text), ("question", .text), ("expect", .text), ("passed", .boolean),
        ("failure", .optional(.text)),
      ]),

    // Decisions.
    Part("verdict", verdict),
    Part("local_verdict", [("service", .text)] + verdict),
    Part("decided_prefixes", [("prefixes", .list(.text))] + verdict),
    Part("person", [("user", .text), ("groups", .list(.text)), ("known", .boolean)] + verdict),
    Part(
      "step",
      [("number", .number), ("condition", .text), ("outcome", .text), ("detail", .text)]),
    Part(
      "applied_list",
      [
        ("path", .text), ("scope", .text), ("name", .optional(.text)),
        ("service", .optional(.text)), ("key", .text), ("rule", .text), ("holds_origin", .boolean),
        ("entry", .optional(.definition("applied_entry"))), ("note", .optional(.text)),
      ]),
    Part(
      "applied_entry",
      [
        ("text", .text), ("rule", .text), ("networks", .list(.text)),
        ("description", .optional(.text)), ("got", .optional(.time)),
      ]),
    Part(
      "listed_entry",
      [
        ("path", .text), ("scope", .text), ("name", .optional(.text)),
        ("service", .optional(.text)), ("key", .text), ("entry", .text), ("except", .list(.text)),
        ("description", .optional(.text)), ("active", .boolean), ("since", .optional(.time)),
        ("until", .optional(.time)), ("counts", .boolean), ("rule", .text),
      ]),
    Part(
      "judged_then",
      [
        ("change", .optional(.number)), ("steps", .list(.definition("step"))),
        ("rule", .list(.definition("rule_line"))), ("same_answer", .boolean),
      ]),
    Part("rule_line", [("line", .number), ("text", .text)]),
    Part("judged_now", verdict + [("sha256", .text), ("remedies", .list(.text))]),

    // The difference of two policies.
    Part("side", [("path", .text), ("sha256", .text), ("mode", .definition("mode"))]),
    Part(
      "subject",
      [
        ("kind", .word(["user", "members", "everyone_else"])), ("groups", .list(.text)),
        ("parts", .list(.definition("subject_part"))),
      ], sometimes: [("user", .text), ("users", .list(.text))]),
    Part(
      "subject_part",
      [
        ("services", .list(.text)), ("console_services", .boolean), ("other_services", .boolean),
        ("differences", .list(.definition("difference"))),
      ]),
    Part(
      "difference",
      [
        ("prefixes", .list(.text)), ("self", .boolean), ("local", .boolean),
        ("no_address", .boolean), ("unknown", .boolean),
        ("changes", .list(.definition("decision_change"))),
      ]),
    Part(
      "decision_change",
      [
        ("since", .optional(.time)), ("until", .optional(.time)),
        ("old", .definition("outcome")), ("new", .definition("outcome")),
      ]),
    Part(
      "outcome",
      [
        ("decision", .word(verdicts)), ("roles", .list(.text)), ("would_deny", .boolean),
        ("second_factor", .optional(.word(reaches))),
        ("authorize", .optional(.definition("code_offer"))),
      ]),
    Part(
      "code_offer",
      [
        ("way", .word(["mail", "command"])), ("to", .optional(.text)),
        ("for_seconds", .number), ("per_day", .number),
      ]),
    Part("factor_reach", factorReach),
    Part("factor_prefixes", [("prefixes", .list(.text))] + factorReach),
    Part(
      "factor_rule",
      [
        ("path", .text), ("says", .word(["always", "never", "not_from", "everywhere"])),
        ("rule", .text), ("spares", .boolean), ("sure", .boolean),
      ]),

    // Doors and PAM.
    Part("libpam", [("version", .optional(.text)), ("source", .text)]),
    Part(
      "door",
      [
        ("service", .text), ("standing", .text), ("remote", .text), ("local", .text),
        ("reason", .optional(.text)), ("gives", .text), ("gives_source", .optional(.text)),
        ("last_asked", .optional(.time)), ("allowed", .optional(.number)),
        ("refused", .optional(.number)), ("lines", .list(.definition("line"))),
      ]),
    Part(
      "door_counts",
      [("services", .number), ("asked", .number), ("urgent", .number), ("unknown", .number)]),
    Part(
      "pam_check",
      [("outcome", .text), ("subject", .text), ("message", .text), ("remedy", .optional(.text))]),
    Part("line", [("file", .text), ("line", .number), ("text", .text)]),
    Part("pam_trial", [("author", .text), ("seconds_left", .number)]),
    Part(
      "pam_answer",
      [
        ("service", .text), ("user", .text), ("origin", .definition("origin")),
        ("about", .word(["login", "network", "second_factor"])), ("answer", .text),
        ("reason", .text), ("rule", .optional(.text)), ("would_deny", .boolean),
        ("roles", .list(.text)), ("id", .optional(.text)), ("message", .optional(.text)),
      ]),

    // The state of the daemon.
    Part(
      "serving",
      [
        ("generation", .number), ("sha256", .text), ("mode", .definition("mode")),
        ("since", .time), ("kept_copy", .boolean), ("warnings", .list(.definition("diagnostic"))),
      ]),
    Part(
      "refused_policy", [("time", .time), ("diagnostics", .list(.definition("diagnostic")))]),
    Part(
      "watched_counts",
      [
        ("sha256", .text), ("since", .time), ("last", .optional(.time)), ("judged", .number),
        ("unjudged", .number), ("differing", .number),
      ]),
    Part(
      "answers",
      [
        ("allow", .number), ("deny", .number), ("ignore", .number), ("no_policy", .number),
        ("would_deny", .number), ("reasons", .numbers),
      ]),
    Part(
      "identity",
      [
        ("users", .number), ("failing_since", .optional(.time)), ("problem", .optional(.text)),
        ("last_read_at", .optional(.time)), ("services", .list(.definition("directory"))),
      ]),
    Part(
      "codes",
      [
        ("made", .number), ("used", .number), ("wrong", .number), ("ended", .number),
        ("over_limit", .number),
      ]),
    Part("directory", [("name", .text), ("state", .text), ("time", .time)]),
    Part(
      "ending_login",
      [
        ("user", .text), ("origin", .definition("origin")), ("service", .text), ("time", .time),
        ("rule", .optional(.text)),
      ]),
    Part("notify_state", [("running", .boolean), ("ways", .list(.definition("notify_way")))]),
    Part(
      "notify_way",
      [
        ("way", .text), ("last_told", .optional(.time)), ("failing_since", .optional(.time)),
        ("problem", .optional(.text)), ("waiting", .number),
      ]),
    Part(
      "session",
      [
        ("session", .text), ("own", .boolean), ("user", .optional(.text)),
        ("origin", .definition("origin")), ("remote_host", .optional(.text)),
        ("service", .optional(.text)), ("terminal", .optional(.text)), ("since", .optional(.time)),
        ("decision", .optional(.word(verdicts))), ("reason", .text), ("would_deny", .boolean),
        ("rule", .optional(.text)), ("remedy", .optional(.text)),
      ]),
    Part(
      "ended_session",
      [
        ("session", .text), ("person", .text), ("told", .boolean), ("ended", .boolean),
        ("problem", .optional(.text)),
      ]),

    // Grants and denials.
    Part(
      "place", [("kind", .text)], sometimes: [("address", .text), ("network", .text)]),
    Part(
      "grant_state",
      [
        ("id", .text), ("user", .text), ("origin", .definition("place")),
        ("service", .optional(.text)), ("role", .optional(.text)), ("since", .time),
        ("until", .time), ("author", .text), ("why", .optional(.text)),
        ("denial", .optional(.text)),
      ]),
    Part(
      "denial",
      [
        ("id", .text), ("time", .time), ("user", .text), ("service", .text),
        ("origin", .definition("origin")), ("role", .optional(.text)), ("reason", .text),
        ("proved_by", .list(.definition("proven_method"))),
      ]),
    Part(
      "proven_method",
      [("method", .text), ("key_type", .optional(.text)), ("fingerprint", .optional(.text))]),

    // Logins of the past.
    Part(
      "login_change",
      [
        ("change", .text), ("user", .text), ("origin", .definition("origin")), ("service", .text),
        ("role", .optional(.text)), ("logins", .number), ("first", .time), ("last", .time),
        ("reason", .text), ("rule", .optional(.text)),
      ]),
    Part(
      "watched",
      [
        ("kind", .text), ("policy", .definition("policy")), ("since", .time),
        ("last", .optional(.time)), ("judged", .number), ("unjudged", .number),
        ("differing", .number), ("unlisted", .number),
        ("changes", .list(.definition("login_change"))),
      ]),
    Part(
      "counts",
      [
        ("allow", .number), ("deny", .number), ("ignore", .number), ("would_deny", .number),
        ("no_policy", .number),
      ]),
    Part(
      "refused_logins",
      alikeLogins + [("first_from_there", .boolean), ("remedies", .optional(.list(.text)))]),
    Part("excepted_logins", alikeLogins + [("grant", .optional(.text))]),
    Part(
      "factor_answers",
      [
        ("answer", .word(FactorTally.Outcome.allCases.map(\.rawValue))), ("reason", .text),
        ("rule", .optional(.text)), ("service", .text), ("count", .number), ("first", .time),
        ("last", .time),
      ]),
    Part(
      "users_codes",
      [
        ("user", .text), ("last", .time), ("origin", .definition("origin")), ("made", .number),
        ("used", .number), ("wrong", .number), ("ended", .number), ("over_limit", .number),
      ]),
    Part(
      "newcomer",
      [
        ("user", .text), ("origin", .definition("origin")), ("is_network", .boolean),
        ("services", .list(.text)), ("first", .time), ("allowed", .number), ("refused", .number),
      ]),
    Part("unchecked_logins", [("message", .text), ("count", .number), ("last", .time)]),
    Part(
      "service_counts",
      [
        ("service", .text), ("decisions", .definition("counts")),
        ("by_period", .list(.definition("counts"))),
      ]),
    Part(
      "unused",
      [
        ("since", .time), ("caution", .optional(.text)), ("younger", .number),
        ("entries", .list(.definition("entry_place"))), ("lists_since", .optional(.time)),
        ("lists", .optional(.list(.definition("entry_place")))),
      ]),
    Part(
      "entry_place",
      [
        ("list", .text), ("entry", .text), ("description", .optional(.text)), ("rule", .text),
        ("until", .optional(.time)),
      ]),
    Part(
      "learned_logins",
      [
        ("count", .number), ("networks", .number), ("users", .number), ("since", .time),
        ("left_out", .list(.text)),
      ]),
    Part("advice", [("when", .text), ("command", .text), ("purpose", .text)]),

    // Changes of the policy.
    Part(
      "guard",
      [
        ("obstacle", .boolean), ("losses", .list(.definition("loss"))),
        ("losing", .list(.definition("changed_login"))),
        ("losing_count", .definition("place_counts")),
        ("gaining", .list(.definition("changed_login"))),
        ("gaining_count", .definition("place_counts")), ("later_times_cut", .boolean),
        ("judged_until", .optional(.time)), ("judged", .number),
        ("unjudged", .list(.definition("unjudged_person"))), ("unjudged_count", .number),
      ]),
    Part("place_counts", [("places", .number), ("users", .number)]),
    Part(
      "loss",
      [
        ("loses", .text), ("names", .list(.text)), ("role", .optional(.text)),
        ("session", .optional(.text)), ("origin", .optional(.definition("origin"))),
        ("service", .optional(.text)), ("own", .boolean), ("time", .optional(.time)),
        ("reason", .optional(.text)), ("rule", .optional(.text)), ("obstacle", .boolean),
        ("excuse", .optional(.text)), ("missing", .optional(.text)),
      ]),
    Part(
      "changed_login",
      [
        ("user", .text), ("origin", .definition("origin")), ("is_network", .boolean),
        ("service", .text), ("last", .optional(.time)), ("time", .optional(.time)),
        ("reason", .text), ("rule", .optional(.text)),
      ]),
    Part(
      "unjudged_person",
      [
        ("user", .text), ("session", .optional(.text)), ("reason", .text),
        ("problem", .optional(.text)), ("matters", .boolean),
      ]),
    Part("daemon_result", [("serves", .boolean)], sometimes: [("report", .report("reload"))]),
    Part(
      "entry_step",
      [
        ("step", .text), ("entry", .text), ("list", .text), ("file", .optional(.text)),
        ("line", .optional(.number)),
      ]),
    Part(
      "effect",
      [
        ("user", .text), ("origin", .definition("origin")), ("service", .text),
        ("before", .definition("brief_decision")), ("after", .definition("brief_decision")),
      ]),
    Part(
      "brief_decision",
      [("decision", .word(verdicts)), ("reason", .text), ("rule", .optional(.text))]),
    Part("fetched_network", feed),
    Part(
      "history_change",
      [
        ("change", .number), ("time", .time), ("user", .optional(.text)),
        ("address", .optional(.text)), ("means", .text), ("why", .optional(.text)),
        ("sha256", .text), ("back_to", .optional(.number)), ("accepted", .boolean),
      ]),
    Part("kept_file", [("name", .text), ("content", .text)]),
  ]
}
