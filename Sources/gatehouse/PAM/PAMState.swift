import GatehouseDoors
import GatehousePAM
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import SystemPackage

/// The state of PAM: the profile that is on, and the lines that name the module.
struct PAMState {
  /// The file where pam-auth-update notes the profiles that it wrote into common-account.
  private static let savedProfiles = "/var/lib/pam/account"
  /// The file that it writes the profiles into.
  static let commonAccount = "/etc/pam.d/common-account"

  /// The profile that pam-auth-update turned on; nil if none of Gatehouse's is.
  let profile: PAMProfile?
  /// The profile whose line the command wrote by itself; nil if it wrote none.
  let ownLine: PAMProfile?
  /// The lines that name the module, in the order of their files.
  let lines: [ModuleLine]

  /// The state now.
  static func now() -> PAMState {
    let saved = String(
      decoding: (try? Files.content(of: savedProfiles, atMost: 1 << 20)) ?? [], as: UTF8.self
    )
    .split(separator: "\n")
    let profile = PAMProfile.allCases.first { saved.contains("Module: \($0.name)") }
    return PAMState(
      profile: profile, ownLine: PAMEdit.ownLine,
      lines: PAMServices(of: ThisMachine(), policy: nil).lines)
  }

  /// How logins are made to ask: by a profile, or else by a line that the command wrote.
  var effective: PAMProfile? { profile ?? ownLine }

  /// Whether a login without an answer is refused; nil if no line asks about logins.
  ///
  /// If a profile is on, only its line counts: the line of sudo or another service is not about all
  /// logins.
  var isStrict: Bool? {
    let asking = lines.filter { line in
      line.stage == .account && !line.judgesNoLogin
        && (effective == nil || line.location.file == PAMEdit.file)
    }
    return asking.isEmpty ? nil : asking.contains(where: \.failsClosed)
  }

  /// A failed check if the profile that is on has lost its line; else empty.
  var checks: [PAMCheck] {
    guard let profile, !lines.contains(where: { $0.location.file == Self.commonAccount }) else {
      return []
    }
    return [
      PAMCheck(
        .notOK, "profile",
        "\(profile.name) was turned on, but its line is not in \(Self.commonAccount) any more",
        remedy: "`gatehouse pam enable` puts it there again")
    ]
  }

  /// The lines for a report.
  var reportLines: [PAMReport.Line] {
    lines.map { PAMReport.Line(location: $0.sourceLocation, text: $0.text) }
  }
}

/// The line that the command writes by itself, and the file that it stands in.
enum PAMEdit {
  /// The file that all logins include; of a machine without Debian's, sshd's own.
  static var file: String {
    Files.exists(PAMState.commonAccount) ? PAMState.commonAccount : "/etc/pam.d/sshd"
  }

  /// The profile whose line stands there; nil if none does.
  static var ownLine: PAMProfile? {
    guard let content = try? Files.content(of: file, atMost: 1 << 20),
      let failsClosed = OwnLine.failsClosed(in: content)
    else { return nil }
    return failsClosed ? .strict : .trial
  }

  /// Puts the line of a profile in, or takes it out.
  static func set(_ profile: PAMProfile?) throws(CommandFailure) {
    do throws(SystemError) {
      guard let status = Files.status(of: file, followingLinks: false) else {
        guard profile == nil else { throw SystemError("open", file, .noSuchFileOrDirectory) }
        return
      }
      guard status.kind == .regular else {
        throw SystemError("replace", file, .invalidArgument, because: "it is not a regular file")
      }
      let old = try Files.content(of: file, atMost: 1 << 20)
      let new =
        profile.map { OwnLine.added(to: old, failsClosed: $0 == .strict) }
        ?? OwnLine.removed(from: old)
      guard new != old else { return }
      try Files.replace(file, with: [new], Files.Ownership(mode: status.mode & 0o7777))
    } catch {
      throw .unreachable("\(file) cannot be changed: \(error.reason)", remedy: error.remedy)
    }
  }
}

/// pam-auth-update(8), which writes /etc/pam.d/common-account from profiles.
enum PAMAuthUpdate {
  private static let program = "pam-auth-update"
  /// The folder of its profiles.
  static let profiles = "/usr/share/pam-configs"

  /// Throws if this process is not root's: only root can change /etc/pam.d.
  static func requireRoot() throws(CommandFailure) {
    guard CurrentProcess.isRoot else {
      throw .unreachable("only root can change /etc/pam.d", remedy: "run this as root")
    }
  }

  /// Whether the machine has it.
  static var isPresent: Bool { Programs.find(program) != nil }

  /// Whether it can turn a profile on.
  static func has(_ profile: PAMProfile) -> Bool {
    isPresent && Files.exists("\(profiles)/\(profile.name)")
  }

  /// Turns profiles on and off.
  ///
  /// pam-auth-update also succeeds if it changed nothing, because somebody has edited the files that
  /// it manages. So the result is to be looked at.
  ///
  /// - Returns: What it said, if it failed; nil if its status was 0.
  static func set(on profile: PAMProfile?) throws(CommandFailure) -> PAMCheck? {
    let others = PAMProfile.allCases.filter { $0 != profile }
    let kept = PAMProfile.allCases.map(\.nameOfFirstVersion)
      .filter { Files.exists("\(profiles)/\($0)") }
    var arguments = ["--disable"] + others.map(\.name) + kept
    if let profile { arguments += ["--enable", profile.name] }
    let status = try run(arguments)
    guard status != 0 else { return nil }
    return PAMCheck(
      .notOK, program,
      "\(program) \(arguments.joined(separator: " ")): failed with status \(status)",
      remedy: "what it says is above")
  }

  /// Runs it without questions, and returns its exit status.
  ///
  /// Its output goes to standard error: standard output is for the report.
  private static func run(_ arguments: [String]) throws(CommandFailure) -> Int32 {
    guard let file = Programs.find(program) else {
      throw .unreachable("\(program) is not on this machine")
    }
    do throws(SystemError) {
      return try Programs.run(
        file, [program] + arguments,
        environment: ["PATH=\(Programs.path)", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"],
        withoutInput: true, reportsToStandardError: true)
    } catch {
      throw .cannotRun(file, error)
    }
  }
}
