/// A code that a module may return in the account stage, and when.
public struct ModuleAnswer: Hashable, Sendable {
  /// The code.
  public var code: ReturnCode
  /// When it returns it: "for a user of /etc/passwd"; nil if there are no words for it.
  public var condition: String?

  /// An answer.
  public init(code: ReturnCode, condition: String? = nil) {
    self.code = code
    self.condition = condition
  }
}

/// What single modules return in the account stage.
public enum ModuleKnowledge {
  /// What a module may return, the ordinary case first.
  /// - Parameters:
  ///   - module: The module's file name, without its folder.
  ///   - arguments: Its arguments.
  /// - Returns: All codes if the module is not known.
  public static func answers(of module: String, arguments: [String]) -> [ModuleAnswer] {
    guard let row = rows[module] else { return anything }
    switch row.says {
    case .always(let code):
      return [ModuleAnswer(code: code)]
    case .noAccountStage:
      return [ModuleAnswer(code: .moduleUnknown)]
    case .known(let answers, let failures):
      return known(answers, failures)
    case .arguments(let answer):
      return answer(arguments)
    }
  }

  /// Where a module's row comes from, or nil if there is none.
  public static func source(of module: String) -> String? { rows[module]?.source }

  private struct Row: Sendable {
    enum Says: Sendable {
      case always(ReturnCode)
      /// It has no pam_sm_acct_mgmt: libpam returns PAM_MODULE_UNKNOWN for it.
      case noAccountStage
      /// These, and these failures, and ``trouble``.
      case known([(ReturnCode, String)], [ReturnCode])
      /// It depends on the arguments.
      case arguments(@Sendable ([String]) -> [ModuleAnswer])
    }
    var says: Says
    var source: String
  }

  private static let anything = ReturnCode.all.map { ModuleAnswer(code: $0) }

  private static let service = ReturnCode(rawValue: 3)
  private static let session = ReturnCode(rawValue: 14)
  private static let insufficient = ReturnCode(rawValue: 8)
  private static let userUnknown = ReturnCode(rawValue: 10)
  private static let accountExpired = ReturnCode(rawValue: 13)
  private static let passwordExpired = ReturnCode(rawValue: 27)

  /// What any module returns that does not get so far as to its question.
  ///
  /// PAM_SERVICE_ERR, PAM_SYSTEM_ERR, PAM_BUF_ERR, PAM_USER_UNKNOWN, PAM_CONV_ERR, PAM_ABORT,
  /// PAM_INCOMPLETE.
  private static let trouble = [3, 4, 5, 10, 19, 26, 31].map(ReturnCode.init)

  private static func linuxPAM(_ name: String) -> String {
    "Linux-PAM 1.5.2 and 1.7.0, modules/\(name)/\(name).c"
  }

  /// One row for each module that is known.
  private static let rows: [String: Row] = {
    var rows: [String: Row] = [
      "pam_permit.so": Row(says: .always(.success), source: linuxPAM("pam_permit")),
      "pam_deny.so": Row(says: .always(.authenticationError), source: linuxPAM("pam_deny")),
      "pam_warn.so": Row(says: .always(.ignore), source: linuxPAM("pam_warn")),
      "pam_env.so": Row(says: .always(service), source: linuxPAM("pam_env")),
      "pam_localuser.so": Row(
        says: .known(
          [
            (.success, "for a user of /etc/passwd"),
            (.permissionDenied, "for a user who is not in /etc/passwd"),
          ], []),
        source: linuxPAM("pam_localuser")),
      "pam_nologin.so": Row(says: .arguments(noLogin), source: linuxPAM("pam_nologin")),
      "pam_rootok.so": Row(
        says: .known(
          [
            (.success, "if the caller is root"),
            (.authenticationError, "if the caller is not root"),
          ], []),
        source: linuxPAM("pam_rootok")),
      "pam_wheel.so": Row(says: .arguments(wheel), source: linuxPAM("pam_wheel")),
      "pam_access.so": Row(
        says: .known(
          [
            (.success, "if access.conf allows it"),
            (.permissionDenied, "if access.conf refuses it"),
          ], []),
        source: linuxPAM("pam_access")),
      "pam_time.so": Row(
        says: .known(
          [(.success, "if time.conf allows it"), (.permissionDenied, "if time.conf refuses it")], []
        ),
        source: linuxPAM("pam_time")),
      "pam_shells.so": Row(
        says: .known(
          [
            (.success, "for a user with a shell of /etc/shells"),
            (.authenticationError, "for a user without a shell of /etc/shells"),
          ], []),
        source: linuxPAM("pam_shells")),
      "pam_securetty.so": Row(
        says: .known(
          [
            (.success, "for a user who is not root, or on a terminal of /etc/securetty"),
            (.authenticationError, "for root on another terminal"),
          ], []),
        source: linuxPAM("pam_securetty")),
      "pam_listfile.so": Row(
        says: .known(
          [
            (.success, "if the list allows it"), (.authenticationError, "if the list refuses it"),
            (.ignore, "for somebody whom the line is not about"),
          ], []),
        source: linuxPAM("pam_listfile")),
      "pam_faillock.so": Row(
        says: .known(
          [
            (.success, "for a user of this machine"), (.ignore, "for a user whom nobody knows"),
          ], []),
        source: linuxPAM("pam_faillock")),
      "pam_lastlog.so": Row(
        says: .known(
          [
            (.success, "for a user who was here lately"),
            (.authenticationError, "for a user who was not here for too long"),
            (.ignore, "if there is no lastlog"),
          ], []),
        source: linuxPAM("pam_lastlog")),
      "pam_loginuid.so": Row(
        says: .known(
          [(.success, "if the audit id could be set"), (.ignore, "in a container")], [session]),
        source: linuxPAM("pam_loginuid")),
      "pam_echo.so": Row(
        says: .known(
          [(.success, "if its text was shown"), (.ignore, "if it had nothing to show")], []),
        source: linuxPAM("pam_echo")),
      "pam_exec.so": Row(
        says: .known(
          [(.success, "if its command succeeds"), (.ignore, "if the line is about another stage")],
          []),
        source: linuxPAM("pam_exec")),
      "pam_sepermit.so": Row(
        says: .known(
          [(.success, "if SELinux enforces"), (.ignore, "for a user whom the list is not about")],
          [.authenticationError]),
        source: linuxPAM("pam_sepermit")),
      "pam_unix.so": Row(
        says: .known(
          [
            (.success, "for a user whom /etc/shadow lets in"),
            (.newPasswordRequired, "for a user with an expired password"),
            (accountExpired, "for a user whose account has expired"),
            (passwordExpired, "for a user whose password expired too long ago"),
            (userUnknown, "for a user without an account here"),
            (.unavailable, "if /etc/shadow cannot be read for the user"),
          ], [.authenticationError, insufficient]),
        source: "Linux-PAM 1.5.2 and 1.7.0, modules/pam_unix/pam_unix_acct.c, passverify.c"),
      "pam_usertype.so": Row(says: .arguments(userType), source: linuxPAM("pam_usertype")),
      "pam_succeed_if.so": Row(says: .arguments(succeedIf), source: linuxPAM("pam_succeed_if")),
      "pam_debug.so": Row(says: .arguments(debug), source: linuxPAM("pam_debug")),
    ]
    // These return what their directory says; only the words are known.
    for (name, source) in [
      ("pam_sss.so", "SSSD, src/sss_client/pam_sss.c"),
      ("pam_ldap.so", "nss-pam-ldapd, pam/pam.c"),
      ("pam_winbind.so", "Samba, nsswitch/pam_winbind.c"),
      ("pam_krb5.so", "pam-krb5, module/account.c"),
    ] {
      rows[name] = Row(
        says: .known(
          [
            (.success, "for a user whom \(name) lets in"),
            (.newPasswordRequired, "for a user of the directory with an expired password"),
            (userUnknown, "for a user whom the directory does not have"),
            (.unavailable, "while the directory does not answer"),
            (.permissionDenied, "for a user whom the directory refuses"),
          ], ReturnCode.all),
        source: source)
    }
    for name in [
      "canonicalize_user", "faildelay", "ftp", "group", "issue", "keyinit", "limits", "mail",
      "mkhomedir", "motd", "namespace", "pwhistory", "rhosts", "selinux", "setquota", "timestamp",
      "tty_audit", "umask", "xauth",
    ] {
      rows["pam_\(name).so"] = Row(says: .noAccountStage, source: linuxPAM("pam_\(name)"))
    }
    return rows
  }()

  /// These answers, and these failures and ``trouble`` without words.
  private static func known(
    _ answers: [(ReturnCode, String)], _ failures: [ReturnCode] = []
  ) -> [ModuleAnswer] {
    var known = answers.map { ModuleAnswer(code: $0, condition: $1) }
    for code in failures + trouble where !known.contains(where: { $0.code == code }) {
      known.append(ModuleAnswer(code: code))
    }
    return known
  }

  /// Without `successok`, pam_nologin never lets in by itself.
  @Sendable private static func noLogin(_ arguments: [String]) -> [ModuleAnswer] {
    let nothing: ReturnCode = arguments.contains("successok") ? .success : .ignore
    return known([
      (nothing, "while there is no /etc/nologin"),
      (.authenticationError, "while there is an /etc/nologin"),
    ])
  }

  /// Without `trust`, pam_wheel never lets in by itself; with `deny`, it denies who is in the group.
  @Sendable private static func wheel(_ arguments: [String]) -> [ModuleAnswer] {
    let isIn = "for a caller of the group"
    let isOut = "for a caller who is not of the group"
    let trusted: ReturnCode = arguments.contains("trust") ? .success : .ignore
    return known(
      arguments.contains("deny")
        ? [
          (trusted, isOut), (.permissionDenied, isIn), (.ignore, "if it is not about root"),
          (.authenticationError, "if there is no such group"),
        ]
        : [
          (trusted, isIn), (.permissionDenied, isOut), (.ignore, "if it is not about root"),
          (.authenticationError, "if there is no such group"),
        ])
  }

  /// pam_succeed_if returns PAM_SUCCESS if all of its conditions hold.
  @Sendable private static func succeedIf(_ arguments: [String]) -> [ModuleAnswer] {
    let flags = ["debug", "use_uid", "quiet", "quiet_fail", "quiet_success", "audit"]
    let condition = arguments.filter { !flags.contains($0) }.joined(separator: " ")
    if condition.isEmpty { return known([(.success, "for everybody")]) }
    let who = arguments.contains("use_uid") ? "for a caller" : "for a user"
    return known([
      (.success, "\(who) with \(condition)"), (.authenticationError, "\(who) without \(condition)"),
    ])
  }

  @Sendable private static func userType(_ arguments: [String]) -> [ModuleAnswer] {
    guard let type = arguments.last(where: { $0 == "issystem" || $0 == "isregular" }) else {
      return known([])
    }
    let (yes, no) = type == "issystem" ? ("system", "regular") : ("regular", "system")
    return known([
      (.success, "for a \(yes) user"), (.authenticationError, "for a \(no) user"),
    ])
  }

  /// pam_debug returns the code that its first `acct=` names, and PAM_SUCCESS if it names none.
  @Sendable private static func debug(_ arguments: [String]) -> [ModuleAnswer] {
    let named = arguments.first { $0.utf8.starts(with: "acct=".utf8) }.map { $0.dropFirst(5) }
    let index = ReturnCode.names.firstIndex { $0[...] == named }
    return [ModuleAnswer(code: ReturnCode.all[index ?? 0])]
  }
}
