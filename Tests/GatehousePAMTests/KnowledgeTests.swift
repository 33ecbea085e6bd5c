import GatehousePAM
import PAMKit
import Testing

/// The table of what modules return.
@Suite struct KnowledgeTests {
  private static let lines = [
    "pam_access.so", "pam_debug.so acct=cred_err", "pam_debug.so acct=nothing acct=abort",
    "pam_deny.so", "pam_echo.so hello", "pam_env.so", "pam_exec.so /bin/true",
    "pam_exec.so /bin/false", "pam_exec.so type=auth /bin/true", "pam_faildelay.so",
    "pam_faillock.so", "pam_ftp.so", "pam_group.so", "pam_issue.so", "pam_keyinit.so",
    "pam_limits.so", "pam_listfile.so item=user sense=deny file=/etc/passwd onerr=fail",
    "pam_listfile.so item=user sense=allow file=/etc/passwd apply=nobody",
    "pam_localuser.so", "pam_localuser.so file=/etc/hostname", "pam_localuser.so file=/missing",
    "pam_mail.so", "pam_mkhomedir.so", "pam_motd.so", "pam_namespace.so", "pam_nologin.so",
    "pam_nologin.so successok", "pam_nologin.so file=/etc/passwd", "pam_permit.so",
    "pam_pwhistory.so", "pam_rhosts.so", "pam_rootok.so", "pam_securetty.so", "pam_selinux.so",
    "pam_setquota.so", "pam_shells.so", "pam_succeed_if.so", "pam_succeed_if.so uid = 0 quiet",
    "pam_succeed_if.so uid > 0 use_uid", "pam_succeed_if.so uid", "pam_time.so",
    "pam_timestamp.so", "pam_tty_audit.so", "pam_umask.so", "pam_unix.so", "pam_usertype.so",
    "pam_usertype.so issystem", "pam_usertype.so isregular", "pam_warn.so",
    "pam_wheel.so group=root", "pam_wheel.so group=root trust", "pam_wheel.so group=nogroup",
    "pam_wheel.so group=root deny", "pam_wheel.so group=nogroup deny trust", "pam_xauth.so",
  ]

  @Test(
    "a real module returns nothing that the table does not have",
    .enabled(if: RealLibpam.obstacle == nil, "\(RealLibpam.obstacle ?? "")"))
  func real() throws {
    var files = FolderFiles()
    let services = Self.lines.indices.map { "m\($0)" }
    for (service, line) in zip(services, Self.lines) {
      files[service] = "account [default=ok] \(line)\n"
    }
    for (line, answer) in try zip(Self.lines, RealLibpam.ask(services, files)) {
      let words = line.split(separator: " ").map(String.init)
      let answers = ModuleKnowledge.answers(of: words[0], arguments: Array(words.dropFirst()))
      let codes = answers.map { "\($0.code.rawValue)" }
      // Not every Debian has every module.
      #expect(codes.contains(answer) || answer == "28", "\(line): \(answer)")
      #expect(ModuleKnowledge.source(of: words[0]) != nil)
    }
  }

  @Test("what matters most about single modules")
  func table() {
    func codes(_ module: String, _ arguments: String...) -> Set<ReturnCode> {
      Set(ModuleKnowledge.answers(of: module, arguments: arguments).map(\.code))
    }
    #expect(codes("pam_permit.so") == [.success])
    #expect(codes("pam_deny.so") == [.authenticationError])
    #expect(codes("pam_nothing.so") == Set(ReturnCode.all))
    #expect(codes("pam_limits.so") == [.moduleUnknown])
    #expect(codes("pam_sss.so") == Set(ReturnCode.all))
    // Of the modules that can let in, only those that know passwords ask for a new one.
    for module in ["pam_localuser.so", "pam_access.so", "pam_time.so", "pam_shells.so"] {
      #expect(codes(module).contains(.success) && !codes(module).contains(.newPasswordRequired))
    }
    #expect(codes("pam_unix.so").contains(.newPasswordRequired))
    #expect(!codes("pam_unix.so").contains(.ignore))
    #expect(!codes("pam_nologin.so").contains(.success))
    #expect(codes("pam_nologin.so", "successok").contains(.success))
    #expect(!codes("pam_wheel.so").contains(.success))
    #expect(codes("pam_wheel.so", "trust").contains(.success))
    // No module says the same twice.
    for module in ["pam_unix.so", "pam_winbind.so", "pam_exec.so"] {
      #expect(ModuleKnowledge.answers(of: module, arguments: []).count == codes(module).count)
    }
  }
}
