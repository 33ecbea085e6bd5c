extension ReportSchema {
  /// The name of the definition of the document in place of any other.
  static let failure = "failure"

  /// What most reports may come to.
  private static let answers = ["yes", "no", "failed"]

  static let verdicts = ["allow", "deny", "ignore"]

  /// What may come of a policy that is to come into force.
  private static let changes = [
    "applied", "unchanged", "would_apply", "on_trial", "refused_for_trial", "refused_for_errors",
    "refused_for_lockout", "refused_unjudged", "refused_by_daemon",
  ]

  /// What is said of a network that is got from elsewhere.
  static let feed: Members = [
    ("network", .text), ("kind", .word(["name", "url", "country", "asn"])), ("source", .text),
    ("rule", .text), ("got", .optional(.time)), ("changed", .optional(.time)),
    ("until", .optional(.time)), ("asked", .optional(.time)), ("next", .optional(.time)),
    ("prefix_count", .number), ("problem", .optional(.text)), ("refused_since", .optional(.time)),
    ("refused", .optional(.text)),
  ]

  /// The documents.
  static let shapes: [Shape] = [
    Shape(name: failure, commands: [], outcomes: ["no", "misuse", "failed"], members: []),
    Shape(
      name: "check", commands: ["check"],
      outcomes: answers,
      members: [
        ("path", .text), ("mode", .optional(.definition("mode"))), ("sha256", .optional(.text)),
        ("errors", .number), ("warnings", .number), ("silenced", .number), ("asked", .boolean),
        ("diagnostics", .list(.definition("diagnostic"))),
      ]),
    Shape(
      name: "test", commands: ["test"],
      outcomes: answers,
      members: [("path", .text), ("failed", .number), ("tests", .list(.definition("test_result")))]),
    Shape(
      name: "doors", commands: ["doors"],
      outcomes: answers,
      members: [
        ("libpam", .definition("libpam")), ("doors", .list(.definition("door"))),
        ("findings", .list(.definition("finding"))),
        ("diagnostics", .list(.definition("diagnostic"))),
      ]),
    Shape(
      name: "explain", commands: ["explain"],
      outcomes: answers,
      members: [
        ("decision", .word(verdicts)), ("reason", .text), ("roles", .list(.text)),
        ("rule", .optional(.text)), ("would_deny", .boolean), ("notices", .list(.text)),
        ("user", .text), ("groups", .optional(.list(.text))), ("unknown_groups", .list(.text)),
        ("groups_from", .text), ("groups_service", .optional(.text)), ("read_at", .optional(.time)),
        ("origin", .definition("origin")), ("origins", .list(.definition("origin"))),
        ("service", .text),
        ("role", .optional(.text)), ("grant", .optional(.text)), ("time", .time),
        ("policy", .definition("policy")), ("steps", .list(.definition("step"))),
        ("lists", .list(.definition("applied_list"))), ("remedies", .list(.text)),
        ("authorize", .optional(.definition("code_offer"))),
      ]),
    Shape(
      name: "explain_factor", commands: ["explain --factor"],
      outcomes: answers,
      members: [
        ("factor", .word(["needed", "not_needed"])), ("reason", .text), ("rule", .optional(.text)),
        ("would_spare", .boolean), ("notices", .list(.text)), ("user", .text),
        ("groups", .optional(.list(.text))), ("unknown_groups", .list(.text)),
        ("groups_from", .text), ("origin", .definition("origin")), ("new_place", .boolean),
        ("depends_on_place", .boolean), ("time", .time), ("policy", .definition("policy")),
        ("rules", .list(.definition("factor_rule"))),
      ]),
    Shape(
      name: "where_factor", commands: ["where --factor"],
      outcomes: answers,
      members: [
        ("notices", .list(.text)), ("user", .text), ("groups", .optional(.list(.text))),
        ("unknown_groups", .list(.text)), ("groups_from", .text), ("time", .time),
        ("policy", .definition("policy")), ("parts", .list(.definition("factor_prefixes"))),
        ("self", .definition("factor_reach")), ("local", .definition("factor_reach")),
      ]),
    Shape(
      name: "where", commands: ["where"],
      outcomes: answers,
      members: [
        ("notices", .list(.text)), ("user", .text), ("groups", .optional(.list(.text))),
        ("unknown_groups", .list(.text)), ("groups_from", .text), ("service", .text),
        ("role", .optional(.text)), ("time", .time), ("policy", .definition("policy")),
        ("prefixes", .list(.text)), ("allowed", .list(.definition("decided_prefixes"))),
        ("denied", .list(.definition("decided_prefixes"))), ("self", .definition("verdict")),
        ("local", .definition("local_verdict")), ("grants", .list(.definition("grant_state"))),
        ("notes", .list(.text)),
      ]),
    Shape(
      name: "who", commands: ["who"],
      outcomes: answers,
      members: [
        ("origin", .definition("origin")), ("service", .text), ("time", .time),
        ("policy", .definition("policy")), ("users", .list(.definition("person"))),
        ("everyone_else", .definition("verdict")),
        ("notes", .list(.text)),
      ]),
    Shape(
      name: "list", commands: ["list"],
      outcomes: answers,
      members: [
        ("mode", .definition("mode")), ("time", .time),
        ("entries", .list(.definition("listed_entry"))),
      ]),
    Shape(
      name: "status", commands: ["status"],
      outcomes: answers,
      members: [
        ("attention", .list(.definition("attention"))), ("daemon_version", .text), ("pid", .number),
        ("started", .time), ("time", .time), ("socket", .text), ("folder", .text),
        ("serving", .optional(.definition("serving"))),
        ("refused", .optional(.definition("refused_policy"))),
        ("trial", .optional(.definition("trial_state"))),
        ("monitored", .optional(.definition("watched_counts"))),
        ("shadow", .optional(.definition("watched_counts"))), ("answers", .definition("answers")),
        ("malformed_requests", .number),
        ("grants", .number), ("codes", .definition("codes")), ("identity", .definition("identity")),
        ("lost_entries", .number),
        ("origin_problem", .optional(.text)), ("ending_logins", .list(.definition("ending_login"))),
      ],
      sometimes: [
        ("pam", .report("pam")), ("door_counts", .definition("door_counts")),
        ("refused_sessions", .list(.definition("pam_check"))),
        ("unjudged_sessions", .list(.definition("pam_check"))),
        ("notify", .optional(.definition("notify_state"))),
        ("feeds", .list(.definition("fetched_network"))),
      ]),
    Shape(
      name: "log_entry", commands: ["log"],
      outcomes: answers,
      members: [
        ("decision", .definition("decision")), ("then", .optional(.definition("judged_then"))),
        ("now", .optional(.definition("judged_now"))),
      ]),
    Shape(
      name: "report", commands: ["report"],
      outcomes: answers,
      members: [
        ("machine", .optional(.text)), ("since", .time), ("until", .time),
        ("journal_begins", .optional(.time)), ("record_begins", .optional(.time)),
        ("decisions", .definition("counts")), ("not_grouped", .definition("counts")),
        ("not_believed", .number),
        ("notes", .list(.text)), ("refused", .list(.definition("refused_logins"))),
        ("first_from_place", .list(.definition("newcomer"))),
        ("exceptions", .list(.definition("excepted_logins"))),
        ("second_factor", .list(.definition("factor_answers"))),
        ("codes", .list(.definition("users_codes"))),
        ("unchecked", .list(.definition("unchecked_logins"))),
        ("watched", .optional(.list(.definition("watched")))),
        ("services", .list(.definition("service_counts"))),
        ("periods", .list(.time)), ("by_period", .list(.definition("counts"))),
        ("unused", .optional(.definition("unused"))),
        ("ending", .list(.definition("entry_place"))),
        ("ending_logins", .optional(.list(.definition("ending_login")))),
        ("door_counts", .optional(.definition("door_counts"))),
        ("door_findings", .optional(.list(.definition("finding")))),
        ("left_out", .numbers),
      ]),
    Shape(
      name: "sessions", commands: ["sessions", "sessions show"],
      outcomes: answers,
      members: [("sessions", .list(.definition("session")))]),
    Shape(
      name: "ended_sessions", commands: ["sessions end"],
      outcomes: answers,
      members: [("left", .number), ("sessions", .list(.definition("ended_session")))]),
    Shape(
      name: "diff", commands: ["diff"],
      outcomes: answers,
      members: [
        ("old", .definition("side")), ("new", .definition("side")), ("time", .time),
        ("compared", .number),
        ("notes", .list(.text)), ("subjects", .list(.definition("subject"))),
      ]),
    Shape(
      name: "replay", commands: ["replay"],
      outcomes: answers,
      members: [
        ("path", .text), ("policy", .definition("policy")), ("time", .time), ("since", .time),
        ("logins", .number), ("accepted_by_sshd", .number), ("left_out", .numbers),
        ("unknown_users", .list(.text)), ("judged", .number), ("unjudged", .number),
        ("differing", .number), ("unlisted", .number),
        ("changes", .list(.definition("login_change"))),
      ]),
    Shape(
      name: "shadow", commands: ["shadow", "shadow show"],
      outcomes: answers,
      members: [("watched", .list(.definition("watched")))]),
    Shape(
      name: "shadow_change", commands: ["shadow start", "shadow stop"],
      outcomes: ["started", "refused", "stopped", "none", "failed"],
      members: [("diagnostics", .list(.definition("diagnostic")))],
      sometimes: [("policy", .definition("policy")), ("watched", .definition("watched"))]),
    Shape(
      name: "change", commands: ["apply", "edit", "confirm", "rollback"],
      outcomes: changes,
      members: [
        ("source", .text), ("folder", .text), ("mode", .optional(.definition("mode"))),
        ("sha256", .optional(.text)), ("diagnostics", .list(.definition("diagnostic"))),
        ("guard", .optional(.definition("guard"))), ("replaced", .list(.text)),
        ("added", .list(.text)), ("removed", .list(.text)), ("kept", .list(.text)),
        ("outside", .list(.text)), ("unfinished", .optional(.text)),
        ("daemon", .optional(.definition("daemon_result"))),
      ],
      sometimes: [
        ("change", .optional(.number)), ("trial", .definition("trial_state")),
        ("put_back", .optional(.boolean)),
      ]),
    Shape(
      name: "entry_change",
      commands: ["allow", "disallow", "block", "unblock", "network add", "network remove"],
      outcomes: changes,
      members: [
        ("source", .text), ("folder", .text), ("mode", .optional(.definition("mode"))),
        ("sha256", .optional(.text)), ("diagnostics", .list(.definition("diagnostic"))),
        ("guard", .optional(.definition("guard"))), ("replaced", .list(.text)),
        ("added", .list(.text)), ("removed", .list(.text)), ("kept", .list(.text)),
        ("outside", .list(.text)), ("unfinished", .optional(.text)),
        ("daemon", .optional(.definition("daemon_result"))),
        ("steps", .list(.definition("entry_step"))), ("diff", .list(.text)),
        ("effects", .list(.definition("effect"))),
        ("notes", .list(.text)),
      ],
      sometimes: [
        ("change", .optional(.number)), ("trial", .definition("trial_state")),
        ("put_back", .optional(.boolean)),
      ]),
    Shape(
      name: "trial", commands: ["confirm", "rollback"],
      outcomes: [
        "on_trial", "refused", "refused_by_guard", "confirmable", "confirmed", "ended",
        "ended_with_errors",
      ],
      members: [("folder", .text), ("diagnostics", .list(.definition("diagnostic")))],
      sometimes: [
        ("trial", .definition("trial_state")), ("reason", .text),
        ("generation", .optional(.number)),
        ("sha256", .text), ("guard", .optional(.definition("guard"))),
      ]),
    Shape(
      name: "feeds", commands: ["feeds", "feeds list", "feeds refresh"],
      outcomes: answers,
      members: [("feeds", .list(.definition("fetched_network")))]),
    Shape(
      name: "feed", commands: ["feeds show", "feeds accept"],
      outcomes: answers, members: feed + [("addresses", .list(.text))]),
    Shape(
      name: "history", commands: ["history", "history list"],
      outcomes: answers,
      members: [
        ("folder", .text), ("present", .optional(.text)), ("current", .optional(.number)),
        ("changes", .list(.definition("history_change"))),
      ]),
    Shape(
      name: "history_entry", commands: ["history show"],
      outcomes: answers,
      members: [
        ("change", .number), ("time", .time), ("user", .optional(.text)),
        ("address", .optional(.text)), ("means", .text), ("why", .optional(.text)),
        ("sha256", .text), ("back_to", .optional(.number)), ("accepted", .boolean),
        ("subjects", .optional(.list(.definition("subject")))),
        ("files", .list(.definition("kept_file"))),
      ]),
    Shape(
      name: "grant", commands: ["grant", "approve"],
      outcomes: ["granted", "approvable", "refused"],
      members: [
        ("grant", .optional(.definition("grant_state"))),
        ("denial", .optional(.definition("denial"))),
      ]),
    Shape(
      name: "revocation", commands: ["revoke"],
      outcomes: ["revoked", "refused"],
      members: [
        ("grants", .list(.definition("grant_state"))), ("refused", .list(.definition("error"))),
      ]),
    Shape(
      name: "grants", commands: ["grants"],
      outcomes: answers,
      members: [("time", .time), ("grants", .list(.definition("grant_state")))]),
    Shape(
      name: "setup", commands: ["setup"],
      outcomes: answers,
      members: [
        ("user", .optional(.text)), ("address", .optional(.text)),
        ("door_counts", .definition("door_counts")),
        ("directories", .list(.text)), ("found_policy", .text),
        ("logins", .optional(.definition("learned_logins"))),
        ("problem", .optional(.text)), ("text", .optional(.text)),
        ("apply", .optional(.report("change"))), ("pam", .optional(.report("pam"))),
        ("next", .list(.definition("advice"))),
      ]),
    Shape(
      name: "learned", commands: ["learn"],
      outcomes: answers,
      members: [
        ("text", .text), ("since", .time), ("logins", .number), ("without_address", .number),
      ]),
    Shape(
      name: "remembered", commands: ["learn"],
      outcomes: answers,
      members: [("places", .number)]),
    Shape(
      name: "import", commands: ["import"],
      outcomes: answers,
      members: [
        ("text", .text), ("format", .text), ("files", .list(.text)),
        ("findings", .list(.definition("import_finding"))),
      ]),
    Shape(
      name: "pam", commands: ["pam enable", "pam disable", "pam status", "pam undo", "confirm"],
      outcomes: answers,
      members: [
        ("profile", .optional(.text)), ("checks", .list(.definition("pam_check"))),
        ("lines", .list(.definition("line"))), ("changes", .list(.text)), ("next", .list(.text)),
        ("trial", .optional(.definition("pam_trial"))),
      ]),
    Shape(
      name: "pam_test", commands: ["pam test"],
      outcomes: answers,
      members: [
        ("notices", .list(.text)), ("user", .text), ("service", .text), ("from", .text),
        ("remote_host", .optional(.text)), ("returned", .optional(.text)), ("ending", .text),
        ("decided", .optional(.text)), ("asked", .optional(.boolean)),
        ("answers", .list(.definition("pam_answer"))),
        ("messages", .list(.text)), ("roles", .list(.text)),
      ]),
    Shape(
      name: "reload", commands: ["reload"],
      outcomes: ["loaded", "refused", "refused_by_guard", "waiting", "on_trial"],
      members: [
        ("folder", .text), ("diagnostics", .list(.definition("diagnostic"))),
        ("guard", .optional(.definition("guard"))),
      ],
      sometimes: [
        ("generation", .optional(.number)), ("sha256", .text), ("mode", .definition("mode")),
        ("trial", .definition("trial_state")),
      ]),
    Shape(
      name: "refresh", commands: ["refresh"],
      outcomes: ["read", "unknown", "stale", "no_policy"],
      members: [],
      sometimes: [
        ("user", .text), ("uid", .optional(.number)), ("groups", .optional(.list(.text))),
        ("unknown_groups", .list(.text)), ("problem", .optional(.text)), ("users", .number),
      ]),
  ]

  /// The lines of streams.
  static let lines: [Shape] = [
    Shape(
      name: "decision", commands: ["log", "watch"], outcomes: [],
      members: [
        ("time", .time), ("machine", .optional(.text)), ("id", .text), ("decision", .text),
        ("reason", .text), ("would_deny", .boolean), ("user", .text),
        ("asked_user", .optional(.text)), ("origin", .definition("origin")),
        ("first_from_there", .boolean), ("service", .text), ("role", .optional(.text)),
        ("roles", .list(.text)), ("rule", .optional(.text)), ("grant", .optional(.text)),
        ("policy", .optional(.definition("generation"))), ("session", .optional(.text)),
        ("proved_by", .list(.definition("proven_method"))),
        ("delivered", .optional(.boolean)),
      ]),
    Shape(
      name: "answer", commands: ["explain --batch"], outcomes: [],
      members: [
        ("decision", .word(verdicts)), ("reason", .text), ("roles", .list(.text)),
        ("rule", .optional(.text)), ("would_deny", .boolean),
      ]),
  ]
}
