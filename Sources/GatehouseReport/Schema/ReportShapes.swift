extension ReportSchema {
  /// The name of the definition of the document in place of any other.
  static let failure = "failure"

  /// What most reports may come to.
  private static let answers = ["yes", "no", "failed"]

  private static let verdicts = ["allow", "deny", "ignore"]

  /// What may come of a policy that is to come into force.
  private static let changes = [
    "applied", "unchanged", "would_apply", "on_trial", "refused_for_trial", "refused_for_errors",
    "refused_for_lockout", "refused_unjudged", "refused_by_daemon",
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
      members: [("path", .text), ("failed", .number), ("tests", .list(.object))]),
    Shape(
      name: "doors", commands: ["doors"],
      outcomes: answers,
      members: [
        ("libpam", .object), ("doors", .list(.object)), ("findings", .list(.definition("finding"))),
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
        ("policy", .definition("policy")), ("steps", .list(.object)), ("lists", .list(.object)),
        ("remedies", .list(.text)),
      ]),
    Shape(
      name: "where", commands: ["where"],
      outcomes: answers,
      members: [
        ("notices", .list(.text)), ("user", .text), ("groups", .optional(.list(.text))),
        ("unknown_groups", .list(.text)), ("groups_from", .text), ("service", .text),
        ("role", .optional(.text)), ("time", .time), ("policy", .definition("policy")),
        ("prefixes", .list(.text)), ("allowed", .list(.object)), ("denied", .list(.object)),
        ("self", .object), ("local", .object), ("grants", .list(.definition("grant_state"))),
        ("notes", .list(.text)),
      ]),
    Shape(
      name: "who", commands: ["who"],
      outcomes: answers,
      members: [
        ("origin", .definition("origin")), ("service", .text), ("time", .time),
        ("policy", .definition("policy")), ("users", .list(.object)), ("everyone_else", .object),
        ("notes", .list(.text)),
      ]),
    Shape(
      name: "list", commands: ["list"],
      outcomes: answers,
      members: [("mode", .definition("mode")), ("time", .time), ("entries", .list(.object))]),
    Shape(
      name: "status", commands: ["status"],
      outcomes: answers,
      members: [
        ("attention", .list(.definition("attention"))), ("daemon_version", .text), ("pid", .number),
        ("started", .time), ("time", .time), ("socket", .text), ("folder", .text),
        ("serving", .optional(.object)), ("refused", .optional(.object)),
        ("trial", .optional(.definition("trial_state"))), ("monitored", .optional(.object)),
        ("shadow", .optional(.object)), ("answers", .object), ("malformed_requests", .number),
        ("grants", .number), ("identity", .object), ("lost_entries", .number),
        ("origin_problem", .optional(.text)), ("ending_logins", .list(.object)),
      ],
      sometimes: [
        ("pam", .definition("nested_pam")), ("doors", .object),
        ("refused_sessions", .list(.definition("pam_check"))),
        ("unjudged_sessions", .list(.definition("pam_check"))),
        ("notify", .optional(.object)),
      ]),
    Shape(
      name: "log_entry", commands: ["log"],
      outcomes: answers,
      members: [
        ("decision", .definition("decision")), ("then", .optional(.object)),
        ("now", .optional(.object)),
      ]),
    Shape(
      name: "report", commands: ["report"],
      outcomes: answers,
      members: [
        ("machine", .optional(.text)), ("since", .time), ("until", .time),
        ("journal_begins", .optional(.time)), ("record_begins", .optional(.time)),
        ("decisions", .definition("counts")), ("not_grouped", .definition("counts")),
        ("not_believed", .number),
        ("notes", .list(.text)), ("refused", .list(.object)), ("first_from_place", .list(.object)),
        ("exceptions", .list(.object)), ("unchecked", .list(.object)),
        ("watched", .optional(.list(.definition("watched")))), ("services", .list(.object)),
        ("periods", .list(.time)), ("by_period", .list(.definition("counts"))),
        ("unused", .optional(.object)),
        ("ending", .list(.object)), ("ending_logins", .optional(.list(.object))),
        ("doors", .optional(.object)), ("door_findings", .optional(.list(.definition("finding")))),
        ("left_out", .object),
      ]),
    Shape(
      name: "sessions", commands: ["sessions", "sessions show"],
      outcomes: answers,
      members: [("sessions", .list(.object))]),
    Shape(
      name: "ended_sessions", commands: ["sessions end"],
      outcomes: answers,
      members: [("left", .number), ("sessions", .list(.object))]),
    Shape(
      name: "diff", commands: ["diff"],
      outcomes: answers,
      members: [
        ("old", .object), ("new", .object), ("time", .time), ("compared", .number),
        ("notes", .list(.text)), ("subjects", .list(.object)),
      ]),
    Shape(
      name: "replay", commands: ["replay"],
      outcomes: answers,
      members: [
        ("path", .text), ("policy", .definition("policy")), ("time", .time), ("since", .time),
        ("logins", .number), ("accepted_by_sshd", .number), ("left_out", .object),
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
        ("outside", .list(.text)), ("unfinished", .optional(.text)), ("daemon", .optional(.object)),
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
        ("outside", .list(.text)), ("unfinished", .optional(.text)), ("daemon", .optional(.object)),
        ("steps", .list(.object)), ("diff", .list(.text)), ("effects", .list(.object)),
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
        ("subjects", .optional(.list(.object))), ("files", .list(.object)),
      ]),
    Shape(
      name: "grant", commands: ["grant", "approve"],
      outcomes: ["granted", "approvable", "refused"],
      members: [("grant", .optional(.definition("grant_state"))), ("denial", .optional(.object))]),
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
        ("user", .optional(.text)), ("address", .optional(.text)), ("doors", .object),
        ("directories", .list(.text)), ("found_policy", .text), ("logins", .optional(.object)),
        ("problem", .optional(.text)), ("text", .optional(.text)), ("apply", .optional(.object)),
        ("pam", .optional(.definition("nested_pam"))), ("next", .list(.object)),
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
        ("text", .text), ("format", .text), ("files", .list(.text)), ("findings", .list(.object)),
      ]),
    Shape(
      name: "pam", commands: ["pam enable", "pam disable", "pam status", "pam undo", "confirm"],
      outcomes: answers,
      members: [
        ("profile", .optional(.text)), ("checks", .list(.definition("pam_check"))),
        ("lines", .list(.definition("line"))), ("changes", .list(.text)), ("next", .list(.text)),
        ("trial", .optional(.object)),
      ]),
    Shape(
      name: "pam_test", commands: ["pam test"],
      outcomes: answers,
      members: [
        ("notices", .list(.text)), ("user", .text), ("service", .text), ("from", .text),
        ("remote_host", .optional(.text)), ("returned", .optional(.text)), ("ending", .text),
        ("decided", .optional(.text)), ("asked", .optional(.boolean)), ("answers", .list(.object)),
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
        ("policy", .optional(.object)), ("session", .optional(.text)), ("proof", .optional(.text)),
        ("delivered", .optional(.boolean)),
      ]),
    Shape(
      name: "answer", commands: ["explain --batch"], outcomes: [],
      members: [
        ("decision", .word(verdicts)), ("reason", .text), ("roles", .list(.text)),
        ("rule", .optional(.text)), ("would_deny", .boolean),
      ]),
  ]

  /// The objects that are in several reports.
  static let parts: [(name: String, members: Members, sometimes: Members)] = [
    ("error", [("message", .text), ("remedy", .optional(.text))], []),
    ("origin", [("kind", .text)], [("address", .text), ("remote_host", .optional(.text))]),
    (
      "policy", [("sha256", .text), ("mode", .definition("mode"))],
      [("generation", .optional(.number))]
    ),
    (
      "trial_state",
      [
        ("generation", .number), ("sha256", .text), ("mode", .definition("mode")),
        ("author", .text), ("allow_lockout", .optional(.text)), ("since", .time), ("until", .time),
        ("seconds_left", .number),
      ], []
    ),
    (
      "diagnostic",
      [
        ("severity", .text), ("name", .text), ("file", .optional(.text)),
        ("line", .optional(.number)), ("column", .optional(.number)), ("message", .text),
        ("remedy", .optional(.text)),
      ], []
    ),
    (
      "finding",
      [
        ("weight", .text), ("kind", .text), ("subject", .text), ("file", .optional(.text)),
        ("line", .optional(.number)), ("message", .text), ("remedy", .optional(.text)),
      ], []
    ),
    ("attention", [("name", .text), ("message", .text), ("remedy", .optional(.text))], []),
    (
      "pam_check",
      [("outcome", .text), ("subject", .text), ("message", .text), ("remedy", .optional(.text))], []
    ),
    ("line", [("file", .text), ("line", .number), ("text", .text)], []),
    (
      "grant_state",
      [
        ("id", .text), ("user", .text), ("origin", .object), ("service", .optional(.text)),
        ("role", .optional(.text)), ("since", .time), ("until", .time), ("author", .text),
        ("why", .optional(.text)),
      ], []
    ),
    (
      "login_change",
      [
        ("change", .text), ("user", .text), ("origin", .definition("origin")), ("service", .text),
        ("role", .optional(.text)), ("logins", .number), ("first", .time), ("last", .time),
        ("reason", .text), ("rule", .optional(.text)),
      ], []
    ),
    (
      "watched",
      [
        ("kind", .text), ("policy", .definition("policy")), ("since", .time),
        ("last", .optional(.time)), ("judged", .number), ("unjudged", .number),
        ("differing", .number), ("unlisted", .number),
        ("changes", .list(.definition("login_change"))),
      ], []
    ),
    (
      "guard",
      [
        ("obstacle", .boolean), ("losses", .list(.object)), ("losing", .list(.object)),
        ("losing_count", .object), ("gaining", .list(.object)), ("gaining_count", .object),
        ("later_times_cut", .boolean), ("judged_until", .optional(.time)), ("judged", .number),
        ("unjudged", .list(.object)), ("unjudged_count", .number),
      ], []
    ),
    (
      "history_change",
      [
        ("change", .number), ("time", .time), ("user", .optional(.text)),
        ("address", .optional(.text)), ("means", .text), ("why", .optional(.text)),
        ("sha256", .text), ("back_to", .optional(.number)), ("accepted", .boolean),
      ], []
    ),
    (
      "nested_pam",
      [
        ("outcome", .word(answers)), ("error", .optional(.definition("error"))),
        ("profile", .optional(.text)), ("checks", .list(.definition("pam_check"))),
        ("lines", .list(.definition("line"))), ("changes", .list(.text)), ("next", .list(.text)),
        ("trial", .optional(.object)),
      ], []
    ),
    (
      "counts",
      [
        ("allow", .number), ("deny", .number), ("ignore", .number), ("would_deny", .number),
        ("no_policy", .number),
      ], []
    ),
  ]
}
